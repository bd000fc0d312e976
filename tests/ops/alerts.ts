type Samples = Readonly<Record<string, string>>
export type AlertCase = { at: string; fires: Samples; firesToo?: Samples; silent: Samples }

const gateway = 'http_server_request_duration_seconds_count{service="gateway",http_response_status_code='
const faults = (ofAThousand: number): Samples => ({
  [`${gateway}"200"}`]: `0+${1000 - ofAThousand}x200`,
  [`${gateway}"500"}`]: `0+${ofAThousand}x200`,
})
const slow = 'http_server_request_duration_seconds_bucket{service="gateway",le='
const made = 'report_duration_seconds_bucket{report="cash-flow",le='
const cronJob = 'kube_cronjob_status_last_successful_time{cronjob="backup"}'
const late = 'event_end_to_end_seconds'
const lateEvents = (ofAThousand: number): Samples => ({
  [`${late}_bucket{queue="q",le="1"}`]: `0+${1000 - ofAThousand}x200`,
  [`${late}_count{queue="q"}`]: '0+1000x200',
})
const gauge = (series: string, fires: string, silent: string, at = '30m'): AlertCase => ({
  ...{ at, fires: { [series]: `${fires}x200` }, silent: { [series]: `${silent}x200` } },
})

/** What makes each alert fire, and what lets it be silent though it is near: one sample a minute, looked at after a while. */
export const alertCases: Readonly<Record<string, AlertCase>> = {
  ServiceDown: gauge('up{job="services",instance="gateway:3100"}', '0', '1'),
  EdgeBudgetBurnsFast: { at: '3h', fires: faults(20), silent: faults(5) },
  EdgeBudgetBurnsSlowly: { at: '3h', fires: faults(4), silent: faults(1) },
  EdgeSlow: {
    at: '30m',
    fires: { [`${slow}"0.25"}`]: '0+95x100', [`${slow}"0.5"}`]: '0+100x100', [`${slow}"+Inf"}`]: '0+100x100' },
    silent: { [`${slow}"0.25"}`]: '0+100x100', [`${slow}"0.5"}`]: '0+100x100', [`${slow}"+Inf"}`]: '0+100x100' },
  },
  CircuitOpen: gauge('circuit_state{service="gateway",upstream="loan-service"}', '2', '1'),
  RequestsShed: gauge('shed_total{reason="in_flight"}', '0+120', '0+30'),
  RevocationsStale: gauge('revocations_read_timestamp_seconds{service="gateway"}', '0', '0+60'),
  RefreshTokensReused: gauge('auth_refreshes_total{use="reuse"}', '0+1', '1'),
  LedgerImbalance: gauge('ledger_imbalance_minor_units{currency="USD"}', '-1', '0'),
  LedgerProblems: gauge('ledger_verification_problems', '1', '0'),
  LedgerUnverified: gauge('ledger_verification_age_seconds', '93700', '90000'),
  LedgerDiffers: gauge('ledger_reconciliation_differences', '1', '0'),
  LedgerQueueDeep: gauge('ledger_queue_depth', '2001', '2000'),
  StockDiffers: gauge('stock_check_problems', '1', '0'),
  StockQueueDeep: gauge('stock_queue_depth', '2001', '2000'),
  OutboxOld: gauge('outbox_oldest_unpublished_age_seconds{service="loan-service"}', '31', '30'),
  DeadLetters: gauge('consumer_outcome_total{queue="wallet.loan-events",outcome="dlq"}', '0+1', '7'),
  DeadLettersWait: gauge('dead_letters_waiting{queue="wallet.loan-events"}', '1', '0', '2h'),
  SagaStuck: gauge('saga_stuck{saga="loan"}', '1', '0'),
  BackupOld: {
    at: '30m',
    fires: { [cronJob]: '-900x200' },
    firesToo: { backup_reaches_timestamp_seconds: '-900x200' },
    silent: { [cronJob]: '900x200', backup_reaches_timestamp_seconds: '900x200' },
  },
  MongoSlow: gauge('mongodb_slow_commands_total{service="wallet-service"}', '0+90', '0+45'),
  MongoPoolWaits: gauge('mongodb_pool_waiting{service="wallet-service"}', '21', '20'),
  QueueDeep: {
    at: '30m',
    fires: { 'rabbitmq_detailed_queue_messages_ready{queue="wallet.loan-events"}': '1001x100' },
    silent: {
      'rabbitmq_detailed_queue_messages_ready{queue="wallet.loan-events"}': '1000x100',
      'rabbitmq_detailed_queue_messages_ready{queue="reporting.events"}': '900000x100',
      'rabbitmq_detailed_queue_messages_ready{queue="wallet.loan-events.retry.5s"}': '2000x100',
    },
  },
  QueueUnattended: {
    at: '30m',
    fires: { 'rabbitmq_detailed_queue_consumers{queue="wallet.loan-events"}': '0x100' },
    silent: {
      'rabbitmq_detailed_queue_consumers{queue="wallet.loan-events"}': '1x100',
      'rabbitmq_detailed_queue_consumers{queue="wallet.loan-events.dlq"}': '0x100',
      'rabbitmq_detailed_queue_consumers{queue="wallet.loan-events.retry.30s"}': '0x100',
    },
  },
  EventsBudgetBurnsFast: { at: '3h', fires: lateEvents(200), silent: lateEvents(50) },
  EventsBudgetBurnsSlowly: { at: '3h', fires: lateEvents(40), silent: lateEvents(5) },
  EventsLate: { at: '30m', fires: lateEvents(20), silent: lateEvents(5) },
  ProjectionBehind: gauge('projection_lag_seconds{projection="loans"}', '61', '60'),
  NightlyLate: gauge('nightly_last_done_timestamp_seconds{work="accrual"}', '-93600', '-90000'),
  NightlyFails: gauge('nightly_failures_total{work="accrual"}', '0+1', '3', '2h'),
  JobsFail: gauge('jobs_total{kind="wallet.account-sync",outcome="failed"}', '0+1', '3', '2h'),
  JobsWait: gauge('jobs_waiting{kind="reporting.export"}', '21', '20'),
  ReportsSlow: {
    at: '40m',
    fires: { [`${made}"15"}`]: '0+1x100', [`${made}"60"}`]: '0+5x100', [`${made}"+Inf"}`]: '0+5x100' },
    silent: { [`${made}"15"}`]: '0+5x100', [`${made}"60"}`]: '0+5x100', [`${made}"+Inf"}`]: '0+5x100' },
  },
  SalePaymentsUnheard: gauge('sales_card_unanswered', '1', '0'),
  PaymentsOverdue: gauge('payments_overdue', '1', '0'),
  PaymentEventsFail: gauge('payment_events_failing', '1', '0'),
  PaymentWebhooksForged: gauge('payment_webhooks_total{outcome="forged"}', '0+1', '7'),
  PaymentBooksDiffer: gauge('payment_reconciliation_differences', '1', '0'),
  AccountSyncsWait: gauge('account_sync_jobs_waiting', '100', '99'),
  RemittancesUntaken: gauge('remittances_unanswered_age_seconds', '901', '900'),
  WebhooksWait: gauge('webhook_deliveries_waiting', '1001', '1000'),
  OrdersStuck: gauge('shop_orders_stuck', '1', '0'),
  RefundsFail: gauge('shop_refunds_failed_total{service="inventory-service"}', '0+1', '0'),
  WebhookEndpointsDisabled: gauge('webhook_endpoints_disabled_total', '0+1', '3', '2h'),
  MailsWait: gauge('mails_waiting{service="auth-service"}', '101', '100'),
  EventLoopLate: gauge('nodejs_eventloop_lag_p99_seconds{service="gateway"}', '0.3', '0.2'),
  MemoryHigh: gauge('process_resident_memory_bytes{service="gateway"}', '470000000', '450000000'),
  TransactionsRetry: gauge('mongo_transaction_retries_total{service="wallet-service"}', '0+1300', '0+1100'),
}
