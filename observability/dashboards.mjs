// Grafana's dashboards, written from this table by: node observability/dashboards.mjs
import { mkdirSync, writeFileSync } from 'node:fs'

const p99 = (metric, by) => `histogram_quantile(0.99, sum by (${by}, le) (rate(${metric}_bucket[5m])))`
const half = (metric, by) => `histogram_quantile(0.5, sum by (${by}, le) (rate(${metric}_bucket[5m])))`
const rate = (metric, by) => `sum by (${by}) (rate(${metric}[5m]))`
const gateway = '{service="gateway"}'
const requests = 'http_server_request_duration_seconds'

/** A panel: its title, what its lines are called, its unit and what it asks. */
const panel = (title, legend, unit, ...exprs) => ({ title, legend, unit, exprs })
/** A heading over the panels that follow. */
const row = (title) => ({ title, isRow: true })

// prettier-ignore
const dashboards = {
  overview: [
    row('The house'),
    panel('Processes that answer', '{{instance}}', 'none', 'up{job="services"}'),
    panel('Faults at the edge, of all requests', '{{job}}', 'percentunit', 'edge:faults:ratio_rate5m', 'edge:faults:ratio_rate1h'),
    panel('Slowest hundredth at the edge', 'p99', 's', 'edge:latency:p99_5m'),
    panel('Requests', '{{service}}', 'reqps', rate(`${requests}_count`, 'service')),
    panel('Circuits: 0 closed, 2 open', '{{service}} → {{upstream}}', 'none', 'max by (service, upstream) (circuit_state)'),
    panel('Slow commands to MongoDB', '{{service}}', 'ops', rate('mongodb_slow_commands_total', 'service')),
    row('Money and stock'),
    panel('Entries posted', '{{kind}}', 'ops', rate('ledger_entries_total', 'kind')),
    panel('Imbalance of the ledger', '{{currency}}', 'none', 'max by (currency) (ledger_imbalance_minor_units)'),
    panel('Moves of stock by type', '{{type}}', 'ops', rate('stock_moves_total', 'type')),
    panel('Problems that the last check of the stock found', 'problems', 'none', 'max(stock_check_problems)'),
    row('Events'),
    panel('Oldest event that waits', '{{service}}', 's', 'max by (service) (outbox_oldest_unpublished_age_seconds)'),
    panel('Dead letters in ten minutes', '{{queue}}', 'none', 'sum by (queue) (increase(consumer_outcome_total{outcome="dlq"}[10m]))'),
    panel('From event to effect, slowest hundredth', '{{queue}}', 's', p99('event_end_to_end_seconds', 'queue')),
    panel('Sagas that do not move', '{{saga}}', 'none', 'max by (saga) (saga_stuck)'),
    row('Payments'),
    panel('Payments by status', '{{purpose}} {{status}}', 'ops', rate('payments_total', 'purpose, status')),
    panel('Without news, and events that fail', 'payments, events', 'none', 'max(payments_overdue)', 'max(payment_events_failing)'),
    panel('Differences between provider and books', 'differences', 'none', 'max(payment_reconciliation_differences)'),
    panel('Endpoints of webhooks that were disabled in a day', 'endpoints', 'none', 'sum(increase(webhook_endpoints_disabled_total[1d]))'),
    row('Syncs of accounts'),
    panel('Syncs', '{{outcome}}', 'ops', rate('account_syncs_total', 'outcome')),
    panel('Syncs that wait: for a worker, in the queue', 'jobs', 'none', 'max(account_sync_jobs_waiting)', 'sum(rabbitmq_detailed_queue_messages_ready{queue="wallet.account-syncs"})'),
    row('Reports and exports'),
    panel('Making a report, slowest hundredth', '{{report}}', 's', p99('report_duration_seconds', 'report')),
    panel('Projections behind', '{{projection}}', 's', 'max by (projection) (projection_lag_seconds)'),
    panel('Exports and other jobs', '{{kind}} {{outcome}}', 'ops', rate('jobs_total', 'kind, outcome')),
    panel('Jobs that wait', '{{kind}}', 'none', 'max by (kind) (jobs_waiting)'),
    row('Backups'),
    panel('What a restore would lose', 'age', 's', 'time() - max(backup_reaches_timestamp_seconds)', 'time() - max(kube_cronjob_status_last_successful_time{cronjob="backup"})'),
  ],
  edge: [
    panel('Requests by status', '{{http_response_status_code}}', 'reqps', `sum by (http_response_status_code) (rate(${requests}_count${gateway}[5m]))`),
    panel('Slowest hundredth by route', '{{http_route}}', 's', `histogram_quantile(0.99, sum by (http_route, le) (rate(${requests}_bucket${gateway}[5m])))`),
    panel('In flight', '{{upstream}}', 'none', 'sum by (upstream) (http_server_active_requests)'),
    panel('Circuits: 0 closed, 2 open', '{{service}} → {{upstream}}', 'none', 'max by (service, upstream) (circuit_state)'),
    panel('Refused to keep others alive', '{{reason}}', 'reqps', rate('shed_total', 'reason')),
    panel('Refused for their number', '{{policy}}', 'reqps', rate('rate_limited_total', 'policy')),
    panel('Sent once more', '{{upstream}}', 'reqps', rate('upstream_retries_total', 'upstream')),
    panel('Tokens recognised, and verified anew', '{{service}}', 'ops', rate('token_cache_hits_total', 'service'), rate('token_cache_misses_total', 'service')),
    panel('Passwords checked', '{{result}}', 'ops', rate('auth_password_checks_total', 'result')),
    panel('Refresh tokens', '{{use}}', 'ops', rate('auth_refreshes_total', 'use')),
  ],
  ledger: [
    panel('Entries posted', '{{kind}}', 'ops', rate('ledger_entries_total', 'kind')),
    panel('Waiting for the ledger', '{{instance}}', 'none', 'ledger_queue_depth'),
    panel('Requests that share a commit', 'mean', 'none', 'sum(rate(ledger_group_size_sum[5m])) / sum(rate(ledger_group_size_count[5m]))'),
    panel('Transactions that ran again', '{{service}}', 'ops', rate('mongo_transaction_retries_total', 'service')),
    panel('Imbalance', '{{currency}}', 'none', 'max by (currency) (ledger_imbalance_minor_units)'),
    panel('Since the books were verified', 'age', 's', 'min(ledger_verification_age_seconds)'),
    panel('Problems found by the verification', 'problems', 'none', 'max(ledger_verification_problems)'),
    panel('Differences found by the reconciliation', 'differences', 'none', 'max(ledger_reconciliation_differences)'),
  ],
  loans: [
    panel('Loans by state', '{{state}}', 'none', 'max by (state) (saga_in_state{saga="loan"})'),
    panel('Money on its way, by state', '{{state}}', 'none', 'max by (state) (saga_in_state{saga="movement"})'),
    panel('Applications and decisions', '{{http_route}} {{http_response_status_code}}', 'reqps', `sum by (http_route, http_response_status_code) (rate(${requests}_count{service="loan-service",http_request_method="POST"}[5m]))`),
    panel('Slowest hundredth by route', '{{http_route}}', 's', `histogram_quantile(0.99, sum by (http_route, le) (rate(${requests}_bucket{service="loan-service"}[5m])))`),
    panel('From approval to wallet', 'p99', 's', 'histogram_quantile(0.99, sum by (le) (rate(event_end_to_end_seconds_bucket{queue="wallet.loan-events"}[5m])))'),
    panel('From wallet to active loan', 'p99', 's', 'histogram_quantile(0.99, sum by (le) (rate(event_end_to_end_seconds_bucket{queue="loan.wallet-events"}[5m])))'),
    panel('Work of the night, last done', '{{work}}', 's', 'time() - max by (work) (nightly_last_done_timestamp_seconds{service="loan-service"})'),
    panel('What became of disbursements', '{{queue}} {{outcome}}', 'ops', 'sum by (queue, outcome) (rate(consumer_outcome_total{queue=~"wallet[.]loan-events|loan[.]wallet-events"}[5m]))'),
  ],
  sales: [
    panel('Sales and payments by answer', '{{http_route}} {{http_response_status_code}}', 'reqps', `sum by (http_route, http_response_status_code) (rate(${requests}_count{service="inventory-service",http_route=~"/sales.*",http_request_method="POST"}[5m]))`),
    panel('Slowest hundredth by route', '{{http_route}}', 's', `histogram_quantile(0.99, sum by (http_route, le) (rate(${requests}_bucket{service="inventory-service",http_route=~"/(sales|approvals).*"}[5m])))`),
    panel('Card payments by what became of them', '{{outcome}}', 'ops', rate('sale_payments_total', 'outcome')),
    panel('Card payments without an answer', 'payments and refunds', 'none', 'max(sales_card_unanswered)'),
    panel('Documents that wait for approval', 'documents', 'none', 'max(approvals_pending)'),
    panel('Bills that are overdue', 'bills', 'none', 'max(sales_overdue)'),
    panel('Owed on overdue bills', '{{currency}}', 'none', 'max by (currency) (sales_overdue_amount)'),
  ],
  stock: [
    panel('Moves by type', '{{type}}', 'ops', rate('stock_moves_total', 'type')),
    panel('Requests that share a commit, half', 'requests', 'none', 'histogram_quantile(0.5, sum by (le) (rate(stock_group_size_bucket[5m])))'),
    panel('Requests that wait for the stock', '{{instance}}', 'none', 'stock_queue_depth'),
    panel('Problems that the last check found', 'problems', 'none', 'max(stock_check_problems)'),
    panel('Work of the night, last done', '{{work}}', 's', 'time() - max by (work) (nightly_last_done_timestamp_seconds{service="inventory-service"})'),
  ],
  production: [
    panel('Steps of purchases', '{{step}}', 'ops', rate('purchase_steps_total', 'step')),
    panel('Purchases and runs by answer', '{{http_route}} {{http_response_status_code}}', 'reqps', `sum by (http_route, http_response_status_code) (rate(${requests}_count{service="inventory-service",http_route=~"/(purchases|blows|duplicates).*",http_request_method="POST"}[5m]))`),
    panel('Slowest hundredth by route', '{{http_route}}', 's', `histogram_quantile(0.99, sum by (http_route, le) (rate(${requests}_bucket{service="inventory-service",http_route=~"/(purchases|blows|suppliers).*"}[5m])))`),
    panel('Yield of blowing, over a day', 'bottles from preforms', 'percentunit', 'sum(increase(blow_bottles_total[1d])) / sum(increase(blow_preforms_total[1d]))'),
  ],
  shop: [
    panel('The shop by answer', '{{http_route}} {{http_response_status_code}}', 'reqps', `sum by (http_route, http_response_status_code) (rate(${requests}_count{service="inventory-service",http_route=~"/(products|cart|orders).*"}[5m]))`),
    panel('Slowest hundredth by route', '{{http_route}}', 's', `histogram_quantile(0.99, sum by (http_route, le) (rate(${requests}_bucket{service="inventory-service",http_route=~"/(products|cart|orders).*"}[5m])))`),
    panel('Lookups in the catalogue’s cache', '{{result}}', 'ops', 'sum by (result) (rate(cache_requests_total{cache="catalogue"}[5m]))'),
    panel('Orders paid, and paid in vain', '{{result}}', 'ops', rate('shop_orders_paid_total', 'result')),
    panel('Orders that should have moved on', 'orders', 'none', 'max(shop_orders_stuck)'),
    panel('Refunds that can not be made', 'refunds in an hour', 'none', 'sum(increase(shop_refunds_failed_total[1h]))'),
    panel('From payment to order, slowest hundredth', 'p99', 's', 'histogram_quantile(0.99, sum by (le) (rate(event_end_to_end_seconds_bucket{queue="inventory.order-payment-events"}[5m])))'),
  ],
  accounts: [
    panel('Lookups in caches', '{{cache}} {{result}}', 'ops', rate('cache_requests_total', 'cache, result')),
    panel('Reads of accounts, slowest hundredth', 'p99', 's', `histogram_quantile(0.99, sum by (le) (rate(${requests}_bucket{service="wallet-service",http_route="/users/:userId/accounts"}[5m])))`),
    panel('Syncs', '{{outcome}}', 'ops', rate('account_syncs_total', 'outcome')),
    panel('Movements that syncs brought', '{{change}}', 'ops', rate('account_sync_movements_total', 'change')),
    panel('Syncs that wait for a worker', 'jobs', 'none', 'max(account_sync_jobs_waiting)'),
    panel('Syncs in the queue', 'messages', 'none', 'sum(rabbitmq_detailed_queue_messages_ready{queue="wallet.account-syncs"})'),
    panel('Jobs of syncs', '{{outcome}}', 'ops', 'sum by (outcome) (rate(jobs_total{kind="wallet.account-sync"}[5m]))'),
    panel('Workers', 'wallet-sync', 'none', 'sum(rabbitmq_detailed_queue_consumers{queue="wallet.account-syncs"})'),
    panel('Remittances', '{{status}}', 'ops', rate('remittances_total', 'status')),
    panel('Remittances on their way', 'remittances', 'none', 'max(remittances_on_their_way)'),
    panel('Webhooks', '{{outcome}}', 'ops', rate('webhook_deliveries_total', 'outcome')),
    panel('Webhooks that wait', 'deliveries', 'none', 'max(webhook_deliveries_waiting)'),
    panel('Endpoints that were disabled in a day', 'endpoints', 'none', 'sum(increase(webhook_endpoints_disabled_total[1d]))'),
  ],
  payments: [
    panel('Payments by status', '{{purpose}} {{status}}', 'ops', rate('payments_total', 'purpose, status')),
    panel('Payments without news', 'payments', 'none', 'max(payments_overdue)'),
    panel('Webhooks of the provider', '{{outcome}}', 'ops', rate('payment_webhooks_total', 'outcome')),
    panel('What became of their events', '{{kind}} {{outcome}}', 'ops', rate('payment_events_total', 'kind, outcome')),
    panel('Events that wait', 'waiting', 'none', 'max(payment_events_waiting)', 'max(payment_events_failing)'),
    panel('Circuit to the provider: 2 is open', '{{instance}}', 'none', 'circuit_state{upstream="payment-provider"}'),
    panel('Differences between provider and books', 'differences', 'none', 'max(payment_reconciliation_differences)'),
    panel('Since provider and books were compared', 'age', 's', 'time() - max(payment_reconciliation_timestamp_seconds)'),
  ],
  reports: [
    panel('Making a report, slowest hundredth', '{{report}}', 's', p99('report_duration_seconds', 'report')),
    panel('Making a report, half', '{{report}}', 's', half('report_duration_seconds', 'report')),
    panel('Reports by answer', '{{http_route}} {{http_response_status_code}}', 'reqps', `sum by (http_route, http_response_status_code) (rate(${requests}_count{service="reporting-service"}[5m]))`),
    panel('Reports out of the cache', '{{cache}} {{result}}', 'ops', 'sum by (cache, result) (rate(cache_requests_total{service="reporting-service"}[5m]))'),
    panel('Projections behind', '{{projection}}', 's', 'max by (projection) (projection_lag_seconds)'),
    panel('Projected', '{{projection}} {{outcome}}', 'ops', rate('projection_events_total', 'projection, outcome')),
    panel('Exports', '{{kind}} {{outcome}}', 'ops', 'sum by (kind, outcome) (rate(jobs_total{service="reporting-service"}[5m]))'),
    panel('Exports that wait', '{{kind}}', 'none', 'max by (kind) (jobs_waiting{service="reporting-service"})'),
    panel('Exports, slowest hundredth', '{{kind}}', 's', 'histogram_quantile(0.99, sum by (kind, le) (rate(job_duration_seconds_bucket{service="reporting-service"}[5m])))'),
    panel('Work of the night, last done', '{{work}}', 's', 'time() - max by (work) (nightly_last_done_timestamp_seconds{service="reporting-service"})'),
  ],
  messaging: [
    panel('Dead letters that wait', '{{queue}}', 'none', 'max by (queue) (dead_letters_waiting)'),
    panel('Sagas that do not move', '{{saga}}', 'none', 'max by (saga) (saga_stuck)'),
    panel('From event to effect, slowest hundredth', '{{queue}}', 's', p99('event_end_to_end_seconds', 'queue')),
    panel('From event to effect, half', '{{queue}}', 's', half('event_end_to_end_seconds', 'queue')),
    panel('Events that take more than a second', '{{queue}}', 'percentunit', 'queue:late:ratio_rate5m'),
    panel('Published', '{{service}} {{result}}', 'ops', rate('outbox_publish_total', 'service, result')),
    panel('Commits whose events wait', '{{service}}', 'none', 'max by (service) (outbox_pending)'),
    panel('Handled', '{{queue}} {{outcome}}', 'ops', rate('consumer_outcome_total', 'queue, outcome')),
    panel('Waiting in the queues', '{{queue}}', 'none', 'sum by (queue) (rabbitmq_detailed_queue_messages_ready)'),
    panel('Consumers', '{{queue}}', 'none', 'sum by (queue) (rabbitmq_detailed_queue_consumers{queue!~".*[.]dlq|.*[.]retry[.].*"})'),
    panel('Projections behind', '{{projection}}', 's', 'max by (projection) (projection_lag_seconds)'),
    panel('Projected', '{{projection}} {{outcome}}', 'ops', rate('projection_events_total', 'projection, outcome')),
  ],
  service: [
    panel('Requests by status', '{{http_response_status_code}}', 'reqps', `sum by (http_response_status_code) (rate(${requests}_count{service="$service"}[5m]))`),
    panel('Slowest hundredth by route', '{{http_route}}', 's', `histogram_quantile(0.99, sum by (http_route, le) (rate(${requests}_bucket{service="$service"}[5m])))`),
    panel('Event loop, slowest hundredth', '{{instance}}', 's', 'nodejs_eventloop_lag_p99_seconds{service="$service"}'),
    panel('Memory', '{{instance}}', 'bytes', 'process_resident_memory_bytes{service="$service"}', 'nodejs_heap_size_used_bytes{service="$service"}'),
    panel('Processor', '{{instance}}', 'percentunit', 'rate(process_cpu_seconds_total{service="$service"}[5m])'),
    panel('Requests with a key', '{{result}}', 'ops', 'sum by (result) (rate(idempotency_requests_total{service="$service"}[5m]))'),
    panel('Transactions that ran again', '{{instance}}', 'ops', 'rate(mongo_transaction_retries_total{service="$service"}[5m])'),
    panel('Slow commands to MongoDB', '{{instance}}', 'ops', 'rate(mongodb_slow_commands_total{service="$service"}[5m])'),
    panel('MongoDB, slowest hundredth by command', '{{command}}', 's', 'histogram_quantile(0.99, sum by (command, le) (rate(mongodb_command_duration_seconds_bucket{service="$service"}[5m])))'),
    panel('Connections to MongoDB: in use, waited for', '{{instance}}', 'none', 'mongodb_pool_checked_out{service="$service"}', 'mongodb_pool_waiting{service="$service"}'),
    panel('Redis, slowest hundredth', '{{outcome}}', 's', 'histogram_quantile(0.99, sum by (outcome, le) (rate(redis_command_duration_seconds_bucket{service="$service"}[5m])))'),
    panel('Calls of other services, slowest hundredth', '{{upstream}}', 's', 'histogram_quantile(0.99, sum by (upstream, le) (rate(http_client_request_duration_seconds_bucket{service="$service"}[5m])))'),
    panel('Jobs', '{{kind}} {{outcome}}', 'ops', 'sum by (kind, outcome) (rate(jobs_total{service="$service"}[5m]))'),
    panel('Jobs, slowest hundredth', '{{kind}}', 's', 'histogram_quantile(0.99, sum by (kind, le) (rate(job_duration_seconds_bucket{service="$service"}[5m])))'),
    panel('Mails that wait', '{{instance}}', 'none', 'mails_waiting{service="$service"}'),
  ],
}

const toPanel = ({ title, legend, unit, exprs }, id, gridPos) => ({
  id,
  type: 'timeseries',
  title,
  datasource: source,
  gridPos,
  fieldConfig: { defaults: { unit }, overrides: [] },
  targets: exprs.map((expr, target) => ({ refId: String.fromCharCode(65 + target), expr, legendFormat: legend })),
})

const toRow = ({ title }, id, y) => ({
  ...{ id, type: 'row', title, collapsed: false, gridPos: { x: 0, y, w: 24, h: 1 }, panels: [] },
})

/** Two panels side by side; a heading begins below all that came before. */
const placed = (panels) => {
  let [y, isLeft] = [0, true]
  return panels.map((one, index) => {
    if (one.isRow) {
      if (!isLeft) y += HEIGHT
      isLeft = true
      return toRow(one, index + 1, y++)
    }
    const made = toPanel(one, index + 1, { x: isLeft ? 0 : 12, y, w: 12, h: HEIGHT })
    if (!isLeft) y += HEIGHT
    isLeft = !isLeft
    return made
  })
}

const HEIGHT = 8
const source = { type: 'prometheus', uid: 'prometheus' }
const services = {
  ...{ name: 'service', type: 'query', datasource: source, refresh: 2 },
  query: `label_values(${requests}_count, service)`,
}

const toDashboard = (name, panels) => ({
  uid: `countinghouse-${name}`,
  title: `${name[0].toUpperCase()}${name.slice(1)}`,
  tags: ['countinghouse'],
  schemaVersion: 39,
  refresh: '30s',
  time: { from: 'now-3h', to: 'now' },
  templating: { list: name === 'service' ? [services] : [] },
  panels: placed(panels),
})

/** Each dashboard's file and its text. */
export const files = Object.entries(dashboards).map(([name, panels]) => [
  new URL(`grafana/dashboards/${name}.json`, import.meta.url),
  `${JSON.stringify(toDashboard(name, panels), undefined, 1)}\n`,
])

if (process.argv[1] === new URL(import.meta.url).pathname) {
  mkdirSync(new URL('grafana/dashboards/', import.meta.url), { recursive: true })
  for (const [place, text] of files) writeFileSync(place, text)
}
