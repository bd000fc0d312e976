import { existsSync, readdirSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import {
  arrows,
  imageSettings,
  pathOf,
  problemsOfSettings,
  secretFiles,
  serviceNames,
  textOf,
  yamlOf,
} from './house.js'

type Env = { name: string; value: string }
type Container = {
  name: string
  image: string
  env?: Env[]
  ports?: { name: string; containerPort: number }[]
  resources: { requests: object; limits: object }
  securityContext: object
  volumeMounts: { name: string; mountPath: string }[]
} & Record<`${'startup' | 'liveness' | 'readiness'}Probe`, { httpGet: { path: string; port: string } }>
type Pod = {
  containers: Container[]
  initContainers?: Container[]
  volumes?: { name: string; secret?: { secretName: string } }[]
  securityContext: object
  terminationGracePeriodSeconds: number
}
type Deployment = { spec: { template: { spec: Pod } } }
type Named = { key: string; operator: string; values: string[] }
type Peer = { podSelector?: { matchExpressions?: Named[] } }
type Policy = { spec: { ingress?: { from: Peer[] }[]; egress?: { to?: Peer[] }[] } }
type Kustomization = { resources?: string[]; images?: { name: string; newTag: string }[] }

const only = <Document>(path: string): Document => {
  const [document] = yamlOf<Document>(path)
  if (!document) throw new Error(`${path} is empty`)
  return document
}
const podOf = (path: string): Pod => only<Deployment>(path).spec.template.spec
const processOf = (pod: Pod): Container => {
  const [process] = pod.containers
  if (!process) throw new Error('A pod without a container')
  return process
}
const everyPod = podOf('k8s/components/process/deployment.yaml')
const everyProcess = processOf(everyPod)
const shared = Object.fromEntries(
  textOf('k8s/base/settings.env').trim().split('\n').map((line) => line.split('=') as [string, string]),
) // prettier-ignore

// Every YAML file below a folder.
const filesIn = (folder: string): string[] =>
  readdirSync(pathOf(folder), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesIn(`${folder}/${entry.name}`) : [`${folder}/${entry.name}`],
  )
const files = filesIn('k8s').filter((path) => path.endsWith('.yaml'))

test.each(serviceNames)('%s is given every setting that it needs, and none that it does not read', (name) => {
  const { env = [] } = processOf(podOf(`k8s/base/${name}/deployment.yaml`))
  const own = Object.fromEntries(env.map((entry) => [entry.name, entry.value]))
  // The settings of all name the bucket, which the gateway alone has nothing to do with.
  const common = Object.entries(shared).filter(([key]) => name !== 'gateway' || !/^(S3_|BUSINESS_)/.test(key))
  expect(problemsOfSettings(name, { ...Object.fromEntries(common), ...own }, secretFiles('kubernetes'))).toEqual([])
})

test.each(serviceNames)('%s gets its own secrets, image and limits', (name) => {
  const pod = podOf(`k8s/base/${name}/deployment.yaml`)
  const { image, resources } = processOf(pod)
  expect(pod.volumes).toEqual([{ name: 'secrets', secret: { secretName: name } }])
  expect(image).toBe(`countinghouse/${name}`)
  for (const kind of [resources.requests, resources.limits])
    expect(kind).toEqual({ cpu: expect.any(String), memory: expect.any(String) })
})

test('every service has the same files, and each file is listed', () => {
  for (const name of serviceNames) {
    const { resources = [] } = only<Kustomization>(`k8s/base/${name}/kustomization.yaml`)
    expect(readdirSync(pathOf(`k8s/base/${name}`)).sort()).toEqual([...resources, 'kustomization.yaml'].sort())
    expect(resources).toEqual(['deployment.yaml', 'service.yaml', 'scaling.yaml', 'network-policy.yaml'])
  }
  const listed = files
    .filter((path) => path.endsWith('/kustomization.yaml'))
    .flatMap((path) =>
      only<Kustomization>(path).resources?.map((one) => `${path.replace('kustomization.yaml', '')}${one}`),
    )
  expect(listed.filter((path) => path && !existsSync(pathOf(path)))).toEqual([])
})

test('the arrows between services are those of the map, on both ends', () => {
  const namesIn = (peers: Peer[] = []) =>
    peers.flatMap(({ podSelector }) => podSelector?.matchExpressions?.flatMap(({ values }) => values) ?? [])
  // The workers that sync accounts believe the same tokens as everybody.
  const besides = 'wallet-sync → auth-service'
  const policies = [...serviceNames, 'wallet-sync'].map(
    (name) => [name, only<Policy>(`k8s/base/${name}/network-policy.yaml`)] as const,
  )
  const going = policies.flatMap(([name, { spec }]) =>
    namesIn(spec.egress?.flatMap(({ to = [] }) => to)).map((other) => `${name} → ${other}`),
  )
  const coming = policies.flatMap(([name, { spec }]) =>
    namesIn(spec.ingress?.flatMap(({ from }) => from)).map((other) => `${other} → ${name}`),
  )
  expect(going.sort()).toEqual([...arrows, besides].sort())
  expect(coming.sort()).toEqual([...arrows, besides].sort())
})

test('what no policy names is refused', () => {
  expect(only<Policy>('k8s/base/network/default-deny.yaml').spec).toEqual({
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
  })
})

test('a process lives by itself, and gets requests when it is ready', () => {
  expect(everyProcess.livenessProbe.httpGet).toEqual({ path: '/healthz', port: 'internal' })
  for (const probe of [everyProcess.readinessProbe, everyProcess.startupProbe])
    expect(probe.httpGet).toEqual({ path: '/readyz', port: 'internal' })
  expect(everyPod.terminationGracePeriodSeconds).toBe(40)
})

test('the ports are those of the image', () => {
  expect(everyProcess.ports).toEqual([
    { name: 'http', containerPort: Number(imageSettings['PORT']) },
    { name: 'internal', containerPort: Number(imageSettings['METRICS_PORT']) },
  ])
})

test('every pod of ours is restricted: no root, no capability, nothing written but where a volume is', () => {
  const jobs = ['setup', 'migrations'].map((name) => podOf(`k8s/base/${name}/job.yaml`))
  const backup = only<{ spec: { jobTemplate: Deployment } }>('k8s/base/backup/cron-job.yaml').spec.jobTemplate.spec
  const pods = [everyPod, ...jobs, backup.template.spec]
  for (const { containers, initContainers = [], ...pod } of pods) {
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    })
    for (const { securityContext } of [...containers, ...initContainers])
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
  }
})

test('every image has a version, which is never the latest', () => {
  const images = files.flatMap((path) =>
    [...textOf(path).matchAll(/^\s*-?\s*image: (\S+)$/gm)].map(([, image]) => image),
  )
  const versions = ['dev', 'production'].map((overlay) =>
    only<Kustomization>(`k8s/overlays/${overlay}/kustomization.yaml`).images?.map(
      ({ name, newTag }) => `${name}:${newTag}`,
    ),
  )
  const own = [...serviceNames, 'setup'].map((name) => `countinghouse/${name}`)
  for (const version of versions) expect(version?.map((image) => image.split(':')[0])).toEqual(own)
  const others = images.filter((image) => !own.includes(image ?? ''))
  for (const image of [...others, ...versions.flat()]) expect(image).toMatch(/:(?!latest)[\w.-]+$/)
})

test('the disks of the servers are encrypted where it counts', () => {
  const { parameters } = only<{ parameters: object }>('k8s/overlays/production/storage-class.yaml')
  expect(parameters).toMatchObject({ encrypted: 'true' })
  for (const server of ['mongodb', 'rabbitmq', 'redis'])
    expect(textOf(`k8s/base/servers/${server}.yaml`)).toContain('storageClassName: encrypted')
})

test('the databases of all services are migrated by a job, each with its own image and secret', () => {
  const { containers, volumes } = podOf('k8s/base/migrations/job.yaml')
  const owners = serviceNames.filter((name) => name !== 'gateway')
  expect(containers.map(({ image }) => image)).toEqual(owners.map((name) => `countinghouse/${name}`))
  expect(volumes?.map(({ secret }) => secret?.secretName)).toEqual(owners)
  for (const [index, { env = [], ...container }] of containers.entries()) {
    expect(container).toMatchObject({ command: ['node', `${owners[index] ?? ''}/dist/main.js`, 'migrate'] })
    const own = processOf(podOf(`k8s/base/${owners[index] ?? ''}/deployment.yaml`)).env ?? []
    for (const setting of env) expect(own).toContainEqual(setting)
  }
})
