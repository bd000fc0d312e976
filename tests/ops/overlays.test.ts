import { spawnSync } from 'node:child_process'
import { expect, test } from '@jest/globals'
import { QUEUES } from '@countinghouse/shared/messaging/topology'
import { documentsIn, pathOf, secretFiles, serviceNames, testBy } from './house.js'
import { findKubernetesSchemas, findKustomize, judge } from './tools.js'

type Security = Partial<{
  runAsNonRoot: boolean
  readOnlyRootFilesystem: boolean
  allowPrivilegeEscalation: boolean
  privileged: boolean
  capabilities: { drop?: string[]; add?: string[] }
}>
type Amounts = { cpu?: string; memory?: string }
type Container = {
  name: string
  image: string
  resources?: { requests?: Amounts; limits?: Amounts }
  securityContext?: Security
  volumeMounts?: { mountPath: string }[]
}
type Pod = { containers: Container[]; initContainers?: Container[]; securityContext?: Security }
type Template = { metadata: { labels: Record<string, string>; annotations?: Record<string, string> }; spec: Pod }
type Spec = {
  selector?: unknown
  podSelector?: unknown
  scaleTargetRef?: { name: string }
  minReplicas?: number
  template?: Template
  jobTemplate?: { spec: { template: Template } }
}
type Built = { apiVersion: string; kind: string; metadata: { name: string; namespace?: string }; spec?: Spec }

const kustomize = findKustomize()
const buildOf = (overlay: string): Built[] => {
  const [program = '', ...parameters] = kustomize ?? []
  const { stdout, stderr, status } = spawnSync(program, [...parameters, pathOf(`k8s/overlays/${overlay}`)], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return documentsIn<Built>(stdout)
}
const builds = new Map<string, Built[]>()
const builtOf = (overlay: string): Built[] => {
  const built = builds.get(overlay) ?? buildOf(overlay)
  builds.set(overlay, built)
  return built
}
const finderIn = (built: Built[]) => (kind: string, name: string) =>
  built.find((one) => one.kind === kind && one.metadata.name === name)?.spec
const templateOf = ({ spec }: Built): Template | undefined => spec?.template ?? spec?.jobTemplate?.spec.template

const isComplete = ({ cpu, memory }: Amounts = {}): boolean => cpu !== undefined && memory !== undefined
const policies: Record<string, (container: Container, security: Security) => boolean> = {
  'has an image of a version': ({ image }) => /:(?!latest$)[\w.-]+$/.test(image),
  'asks for its share': ({ resources }) => isComplete(resources?.requests),
  'has limits': ({ resources }) => isComplete(resources?.limits),
  'is not root': (_, { runAsNonRoot }) => runAsNonRoot === true,
  'writes nothing into its image': (_, { readOnlyRootFilesystem }) => readOnlyRootFilesystem === true,
  'gains no privilege': (_, { allowPrivilegeEscalation, privileged }) =>
    allowPrivilegeEscalation === false && !privileged,
  'has no capability': (_, { capabilities }) => capabilities?.drop?.join() === 'ALL' && capabilities.add === undefined,
}

const breachesOf = ({ containers, initContainers = [], securityContext }: Pod): string[] =>
  [...containers, ...initContainers].flatMap((container) =>
    Object.entries(policies)
      .filter(([, holds]) => !holds(container, { ...securityContext, ...container.securityContext }))
      .map(([policy]) => policy),
  )

test('a pod that says nothing of itself breaks every policy', () => {
  const container = { name: 'process', image: 'countinghouse/gateway:latest' }
  expect(breachesOf({ containers: [container] })).toEqual(Object.keys(policies))
  expect(breachesOf({ containers: [], initContainers: [container] })).toEqual(Object.keys(policies))
})

const testByKustomize = testBy('kubectl or kustomize', kustomize)

for (const overlay of ['dev', 'production']) {
  testByKustomize(`every pod of ${overlay} keeps the policies`, () => {
    const pods = builtOf(overlay).flatMap((one) => {
      const template = templateOf(one)
      return template ? [[one.metadata.name, breachesOf(template.spec)] as const] : []
    })
    const names = [
      ...serviceNames,
      'wallet-sync',
      ...['setup', 'migrations', 'backup'],
      ...(overlay === 'dev' ? ['sandbox-provider', 'sandbox-institution'] : []),
    ]
    expect(Object.fromEntries(pods)).toEqual(Object.fromEntries(names.map((name) => [name, []])))
  })

  testByKustomize(`all of ${overlay} is in the namespace whose policies and secrets it needs`, () => {
    const ofTheCluster = ['Namespace', 'StorageClass']
    const elsewhere = builtOf(overlay).filter(
      ({ kind, metadata }) => !ofTheCluster.includes(kind) && metadata.namespace !== 'countinghouse',
    )
    expect(elsewhere.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual([])
  })

  testByKustomize(`what the overlay ${overlay} is built to belongs together`, () => {
    const find = finderIn(builtOf(overlay))
    for (const name of serviceNames) {
      const own = { 'app.kubernetes.io/name': name }
      expect(find('Deployment', name)).toMatchObject({
        selector: { matchLabels: own },
        template: { metadata: { labels: own } },
      })
      expect(find('Service', name)?.selector).toEqual(own)
      expect(find('PodDisruptionBudget', name)?.selector).toEqual({ matchLabels: own })
      expect(find('NetworkPolicy', name)?.podSelector).toEqual({ matchLabels: own })
      expect(find('HorizontalPodAutoscaler', name)).toMatchObject({
        scaleTargetRef: { name },
        minReplicas: overlay === 'dev' ? 1 : expect.any(Number),
      })
      const [process] = find('Deployment', name)?.template?.spec.containers ?? []
      expect(process?.image).toMatch(new RegExp(`^countinghouse/${name}:\\d`))
      expect(process?.volumeMounts?.map(({ mountPath }) => mountPath)).toEqual(['/run/secrets', '/tmp'])
    }
  })
}

const schemas = kustomize && findKubernetesSchemas()
const custom = ['MongoDBCommunity', 'PodMonitor', 'PrometheusRule', 'RabbitmqCluster', 'RedisReplication', 'ScaledObject', 'TriggerAuthentication'] // prettier-ignore
const isCustom = ({ kind }: Built) => custom.includes(kind)

testBy('the schemas of Kubernetes', schemas)('every resource is as the schemas of Kubernetes have it', (folder) => {
  const resources = ['dev', 'production'].flatMap(builtOf).filter((one) => !isCustom(one))
  expect(resources.length).toBeGreaterThan(80)
  expect(judge(folder, resources)).toEqual({ problems: [], unknown: [] })
})

testBy('the schemas of Kubernetes', schemas)('a field that Kubernetes does not know is a problem', (folder) => {
  const [good] = builtOf('production').filter(({ kind }) => kind === 'Deployment')
  const { problems } = judge(folder, [{ ...good, spec: { ...good?.spec, replica: 2 } }])
  expect(problems).toEqual([expect.stringContaining("'replica' was unexpected")])
})

// Their schemas are with their operators, in no registry of packages.
test(`NOT CHECKED by a schema: ${custom.join(', ')}`, () => undefined)

testByKustomize('no other kinds than these come from operators', () => {
  const elsewhere = /[.](com|sh|in)[/]/
  const kinds = ['dev', 'production'].flatMap(builtOf).filter(({ apiVersion }) => elsewhere.test(apiVersion)).map(({ kind }) => kind) // prettier-ignore
  expect([...new Set(kinds)].sort()).toEqual(custom)
})

testByKustomize('the sync workers of production follow what waits in their queue, and nothing else scales them', () => {
  const find = finderIn(builtOf('production'))
  expect(find('HorizontalPodAutoscaler', 'wallet-sync')).toBeUndefined()
  expect(find('Deployment', 'wallet-sync')).toBeDefined()
  const [queue] = Object.keys(QUEUES).filter((name) => name === 'wallet.account-syncs')
  expect(find('ScaledObject', 'wallet-sync')).toMatchObject({
    scaleTargetRef: { name: 'wallet-sync' },
    triggers: [{ type: 'rabbitmq', metadata: { queueName: queue }, authenticationRef: { name: 'wallet-sync' } }],
  })
  expect(find('TriggerAuthentication', 'wallet-sync')).toEqual({
    secretTargetRef: [{ parameter: 'host', name: 'wallet-service', key: 'RABBITMQ_URL' }],
  })
  expect(secretFiles('kubernetes')).toContain('wallet-service/RABBITMQ_URL')
  expect(finderIn(builtOf('dev'))('HorizontalPodAutoscaler', 'wallet-sync')).toMatchObject({ minReplicas: 1 })
})

testByKustomize('every process is scraped, in one way', () => {
  const annotated = (overlay: string) =>
    builtOf(overlay).filter((one) => templateOf(one)?.metadata.annotations?.['prometheus.io/scrape'] === 'true')
  const processes = [...serviceNames, 'wallet-sync'].sort()
  expect(annotated('dev').map(({ metadata }) => metadata.name).sort()).toEqual(processes) // prettier-ignore
  expect(annotated('production')).toEqual([])
  expect(finderIn(builtOf('production'))('PodMonitor', 'services')).toMatchObject({
    selector: { matchExpressions: [{ operator: 'In', values: expect.arrayContaining(processes) }] },
    podMetricsEndpoints: [
      { port: 'internal', relabelings: expect.arrayContaining([{ targetLabel: 'job', replacement: 'services' }]) },
    ],
  })
})
