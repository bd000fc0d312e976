// Grafana's dashboards, written from this table by: node observability/dashboards.mjs
import { mkdirSync, writeFileSync } from 'node:fs'

const p99 = (metric, by) => `histogram_quantile(0.99, sum by (${by}, le) (rate(${metric}_bucket[5m])))`
const half = (metric, by) => `histogram_quantile(0.5, sum by (${by}, le) (rate(${metric}_bucket[5m])))`
const rate = (metric, by) => `sum by (${by}) (rate(${metric}[5m]))`
const gateway = '{service="gateway"}'
const requests = 'http_server_request_duration_seconds'

/** A panel: its title, what its lines are called, its unit and what it asks. */
const panel = (title, legend, unit, ...exprs) => ({ title, legend, unit, exprs })

// prettier-ignore
const dashboards = {
  overview: [
    panel('Processes that answer', '{{instance}}', 'none', 'up{job="services"}'),
    panel('Faults at the edge, of all requests', '{{job}}', 'percentunit', 'edge:faults:ratio_rate5m', 'edge:faults:ratio_rate1h'),
    panel('Slowest hundredth at the edge', 'p99', 's', 'edge:latency:p99_5m'),
    panel('Requests', '{{service}}', 'reqps', rate(`${requests}_count`, 'service')),
    panel('Entries posted', '{{kind}}', 'ops', rate('ledger_entries_total', 'kind')),
    panel('Imbalance of the ledger', '{{currency}}', 'none', 'max by (currency) (ledger_imbalance_minor_units)'),
    panel('Oldest event that waits', '{{service}}', 's', 'max by (service) (outbox_oldest_unpublished_age_seconds)'),
    panel('Dead letters in ten minutes', '{{queue}}', 'none', 'sum by (queue) (increase(consumer_outcome_total{outcome="dlq"}[10m]))'),
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
    panel('Applications and decisions', '{{http_route}} {{http_response_status_code}}', 'reqps', `sum by (http_route, http_response_status_code) (rate(${requests}_count{service="loan-service",http_request_method="POST"}[5m]))`),
    panel('Slowest hundredth by route', '{{http_route}}', 's', `histogram_quantile(0.99, sum by (http_route, le) (rate(${requests}_bucket{service="loan-service"}[5m])))`),
    panel('From approval to wallet', 'p99', 's', 'histogram_quantile(0.99, sum by (le) (rate(event_end_to_end_seconds_bucket{queue="wallet.loan-events"}[5m])))'),
    panel('From wallet to active loan', 'p99', 's', 'histogram_quantile(0.99, sum by (le) (rate(event_end_to_end_seconds_bucket{queue="loan.wallet-events"}[5m])))'),
    panel('Work of the night, last done', '{{work}}', 's', 'time() - max by (work) (nightly_last_done_timestamp_seconds{service="loan-service"})'),
    panel('What became of disbursements', '{{queue}} {{outcome}}', 'ops', 'sum by (queue, outcome) (rate(consumer_outcome_total{queue=~"wallet[.]loan-events|loan[.]wallet-events"}[5m]))'),
  ],
  messaging: [
    panel('From event to effect, slowest hundredth', '{{queue}}', 's', p99('event_end_to_end_seconds', 'queue')),
    panel('From event to effect, half', '{{queue}}', 's', half('event_end_to_end_seconds', 'queue')),
    panel('Events that take more than a second', '{{queue}}', 'percentunit', 'events:late:ratio_rate5m'),
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
    panel('Jobs', '{{kind}} {{outcome}}', 'ops', 'sum by (kind, outcome) (rate(jobs_total{service="$service"}[5m]))'),
    panel('Jobs, slowest hundredth', '{{kind}}', 's', 'histogram_quantile(0.99, sum by (kind, le) (rate(job_duration_seconds_bucket{service="$service"}[5m])))'),
    panel('Mails that wait', '{{instance}}', 'none', 'mails_waiting{service="$service"}'),
  ],
}

const toPanel = ({ title, legend, unit, exprs }, index) => ({
  id: index + 1,
  type: 'timeseries',
  title,
  datasource: source,
  gridPos: { x: (index % 2) * 12, y: Math.floor(index / 2) * 8, w: 12, h: 8 },
  fieldConfig: { defaults: { unit }, overrides: [] },
  targets: exprs.map((expr, target) => ({ refId: String.fromCharCode(65 + target), expr, legendFormat: legend })),
})

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
  panels: panels.map(toPanel),
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
