import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { portsFrom } from '@countinghouse/scripts/start/ports'
import { Registry, collectDefaultMetrics } from 'prom-client'
import { stringify } from 'yaml'
import { alertCases } from './alerts.js'
import { pathOf, testBy, textOf, yamlOf } from './house.js'
import { findPrometheus } from './prometheus.js'

type Rule = { alert?: string; record?: string; expr: string; labels?: object; annotations?: Record<string, string> }
type Panel = {
  id: number
  type: string
  gridPos: { x: number; y: number; w: number; h: number }
  datasource?: object
  targets?: { expr: string }[]
}
type Dashboard = { panels: Panel[] }

const ruleFiles = ['indicators', 'alerts'].map((name) => `observability/rules/${name}.yml`)
type Groups = { groups: { rules: Rule[] }[] }
const rules = ruleFiles.flatMap((path) =>
  yamlOf<Groups>(path).flatMap(({ groups }) => groups.flatMap((group) => group.rules)),
)
const alerts = rules.filter((rule) => rule.alert !== undefined)

type Generated = { files: [place: URL, text: string][] }
const dashboardsModule = '../../observability/dashboards.mjs'
const { files: dashboards } = (await import(dashboardsModule)) as Generated
const panels = dashboards.flatMap(([, text]) => (JSON.parse(text) as Dashboard).panels)
const exprs = [
  ...rules.map(({ expr }) => expr),
  ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
]

test('the dashboards are as their table says: otherwise run "node observability/dashboards.mjs"', () => {
  expect(dashboards.filter(([place, text]) => readFileSync(place, 'utf8') !== text)).toEqual([])
  expect(readdirSync(pathOf('observability/grafana/dashboards'))).toHaveLength(dashboards.length)
})

test('on each dashboard every panel has its own place and number, and asks the source that is set up', () => {
  const [{ datasources = [] } = {}] = yamlOf<{ datasources: { uid: string; type: string }[] }>(
    'observability/grafana/provisioning/datasources/prometheus.yml',
  )
  const given = datasources.map(({ type, uid }) => ({ type, uid }))
  for (const [, text] of dashboards) {
    const { panels: all } = JSON.parse(text) as Dashboard
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
    const cells = all.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    for (const { gridPos, type, datasource, targets } of all) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
      if (type !== 'row') expect([given, targets?.length]).toEqual([[datasource], expect.any(Number)])
    }
  }
})

test('a cluster has the same rules: otherwise run "node observability/rules.mjs"', () => {
  const given = yamlOf<{ spec: Groups }>('k8s/components/monitoring/rules.yaml').map(({ spec }) => spec)
  expect(given).toEqual(ruleFiles.flatMap((path) => yamlOf<Groups>(path)))
})

test('every metric that is asked for is one that the code, Node.js or the broker gives', async () => {
  const known = new Set([...ourMetrics(), ...(await metricsOfNode()), ...metricsOfOthers, ...recorded])
  const asked = new Set(exprs.flatMap(metricsIn))
  expect(asked.size).toBeGreaterThan(40)
  expect([...asked].filter((name) => !known.has(name))).toEqual([])
})

const recorded = rules.flatMap(({ record }) => record ?? [])
const metricsOfOthers = [
  ...['up', 'rabbitmq_detailed_queue_messages_ready', 'rabbitmq_detailed_queue_consumers'],
  'kube_cronjob_status_last_successful_time',
]

const metricsOfNode = async (): Promise<string[]> => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return (await registry.getMetricsAsJSON()).map(({ name }) => name)
}

const sourcesIn = (folder: string): string[] =>
  readdirSync(pathOf(folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => textOf(join(folder, path)))

const ourMetrics = (): string[] =>
  [
    'shared/src',
    'gateway/src',
    ...['auth', 'wallet', 'loan', 'inventory', 'reporting'].map((name) => `${name}-service/src`),
  ]
    .flatMap(sourcesIn)
    .flatMap((text) => [...text.matchAll(/\b(counter|gauge|histogram)\(\s*'(\w+)'/g)])
    .flatMap(([, kind, name = '']) =>
      kind === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => `${name}${part}`) : [name],
    )

/** The metrics of an expression: what is neither a label, a function nor a word of PromQL. */
const metricsIn = (expr: string): string[] => {
  const bare = expr
    .replace(/\{[^}]*\}|\[\w+\]/g, ' ')
    .replace(/\b(by|without|on|ignoring) \([^)]*\)/g, ' ')
    .replace(/\b\w+\s*\(/g, ' ')
  return (bare.match(/\b[a-z][\w:]+\b/g) ?? []).filter((word) => !['and', 'or', 'unless', 'bool'].includes(word))
}

test('every alert says how urgent it is and leads to its line of the runbook', () => {
  const runbook = textOf('docs/operations.md')
  for (const { alert, labels, annotations } of alerts) {
    expect(labels).toEqual({ severity: expect.stringMatching(/^(page|ticket)$/) })
    const anchor = alert?.toLowerCase() ?? ''
    expect(annotations).toEqual({ summary: expect.any(String), runbook: `docs/operations.md#${anchor}` })
    expect(runbook).toMatch(new RegExp(`^\\| <a id="${anchor}"></a>\`${alert}\` +\\| \\S`, 'm'))
  }
})

test('what is promised names indicators that are measured and alerts that there are', () => {
  const [, ...rows] = textOf('docs/slo.md').split('\n').filter((line) => line.startsWith('| ')) // prettier-ignore
  const names = new Set(alerts.map(({ alert }) => alert))
  const inCode = (cell = '') => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)
  const cells = rows.map((row) => row.split('|').map((cell) => cell.trim())).filter(([, promise]) => !promise?.startsWith('---')) // prettier-ignore
  expect(cells.length).toBeGreaterThan(5)
  for (const [, , indicator, , told] of cells) {
    expect(inCode(told).length).toBeGreaterThan(0)
    expect(inCode(told).filter((name) => !names.has(name))).toEqual([])
    for (const metric of inCode(indicator)) expect(exprs.join(' ')).toContain(metric)
  }
})

test('every alert is tried, firing and silent', () => {
  expect(Object.keys(alertCases).sort()).toEqual(alerts.map(({ alert }) => alert).sort())
})

const testByPromtool = testBy('promtool', findPrometheus('promtool'))

testByPromtool('every alert fires when it should, and only then', (promtool) => {
  const counted = (alert: string) => `count(ALERTS{alertname="${alert}",alertstate="firing"})`
  const toTest = (alert: string, at: string, samples: Readonly<Record<string, string>>, count: number) => ({
    interval: '1m',
    name: `${alert} ${count === 1 ? 'fires' : 'is silent'}`,
    input_series: Object.entries(samples).map(([series, values]) => ({ series, values })),
    promql_expr_test: [
      { expr: counted(alert), eval_time: at, exp_samples: count === 1 ? [{ labels: '{}', value: 1 }] : [] },
    ],
  })
  const tests = Object.entries(alertCases).flatMap(([alert, { at, fires, firesToo, silent }]) => [
    toTest(alert, at, fires, 1),
    ...(firesToo ? [toTest(alert, at, firesToo, 1)] : []),
    toTest(alert, at, silent, 0),
  ])
  const file = join(mkdtempSync(join(tmpdir(), 'rules-')), 'rules.test.yml')
  const text = stringify(
    { rule_files: ruleFiles.map(pathOf), evaluation_interval: '5m', tests },
    { aliasDuplicateObjects: false },
  )
  writeFileSync(file, text)
  const { status, stdout, stderr } = spawnSync(promtool, ['test', 'rules', file], { encoding: 'utf8' })
  expect({ status, said: status === 0 ? '' : `${stdout}${stderr}` }).toEqual({ status: 0, said: '' })
})

testByPromtool('every expression and the configuration are as Prometheus reads them', (promtool) => {
  const { status, stderr } = spawnSync(promtool, ['check', 'config', pathOf('observability/prometheus.yml')], {
    encoding: 'utf8',
  })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
})

test('Prometheus beside `npm start` finds every process where it is', () => {
  const [groups = []] = yamlOf<{ targets: string[] }[]>('observability/targets/local.yml')
  const ports = Object.values(portsFrom(undefined)).map(({ metricsPort }) => `127.0.0.1:${metricsPort}`)
  expect(groups.flatMap(({ targets }) => targets)).toEqual(ports)
})
