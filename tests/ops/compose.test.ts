import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import {
  imageSettings,
  pathOf,
  problemsOfSettings,
  secretFiles,
  serviceNames,
  testBy,
  textOf,
  yamlOf,
} from './house.js'
import { findComposeParser } from './tools.js'

type Service = {
  image: string
  command?: string[]
  profiles: string[]
  restart?: string
  build?: { target: string }
  environment?: Record<string, string>
  volumes?: string[]
  ports?: string[]
  healthcheck?: { test?: string[] }
  depends_on?: Record<string, { condition: string }>
  deploy?: { resources: { limits: { cpus: string; memory: string } } }
  read_only?: boolean
  cap_drop?: string[]
}

const [compose] = yamlOf<{ services: Record<string, Service>; volumes: Record<string, unknown> }>('docker-compose.yml')
const { services = {}, volumes = {} } = compose ?? {}
const entries = Object.entries(services)
const inProfile = (profile: string) => entries.filter(([, { profiles }]) => profiles.includes(profile))
const ours = entries.filter(([name]) => name === 'setup' || (serviceNames as string[]).includes(name))
const processes = inProfile('system').filter(
  ([name, { image }]) => name !== 'setup' && image.startsWith('countinghouse/'),
)
const secrets = secretFiles('compose')

test('the profile of `npm start` has the three servers and nothing else', () => {
  expect(inProfile('servers').map(([name]) => name)).toEqual(['mongodb', 'rabbitmq', 'redis'])
})

test('every service of the platform has an image, and a target of the Dockerfile that makes it', () => {
  expect(ours.map(([name]) => name)).toEqual(['setup', ...serviceNames])
  for (const [name, { image, build }] of ours) {
    expect(image).toMatch(new RegExp(`^countinghouse/${name}:\\d`))
    expect(build?.target).toBe(name)
    expect(textOf('Dockerfile')).toMatch(new RegExp(`^FROM runtime AS ${name}$`, 'm'))
  }
})

test('each service is given every setting that it needs, and none that it does not read', () => {
  const problems = serviceNames.flatMap((name) => problemsOfSettings(name, services[name]?.environment ?? {}, secrets))
  expect(problems).toEqual([])
})

test('each gets its own folder of secrets and no other', () => {
  for (const name of serviceNames) expect(services[name]?.volumes).toEqual([`./secrets/${name}:/run/secrets:ro`])
})

test('what is mounted is a secret that is made, a file of the checkout or a volume that is declared', () => {
  const sources = entries.flatMap(([, service]) => (service.volumes ?? []).map((volume) => volume.split(':')[0] ?? ''))
  const unknown = sources.filter((source) => {
    if (source.startsWith('./secrets/')) return ![...secrets].some((file) => `./secrets/${file}`.startsWith(source))
    return !source.startsWith('./') && !(source in volumes)
  })
  expect(unknown).toEqual([])
})

test('everything of the system starts again, within limits, from an image of a certain version', () => {
  for (const [, { image, restart, deploy }] of inProfile('system')) {
    expect(restart).toMatch(/^(unless-stopped|on-failure)$/)
    expect(deploy?.resources.limits).toEqual({ cpus: expect.any(String), memory: expect.any(String) })
    expect(image).toMatch(/:(?!latest)[\w.-]+$/)
  }
})

test('our processes are no root, write nowhere but to /tmp and have no capability', () => {
  expect(textOf('Dockerfile')).toMatch(/^USER 1000:1000$/m)
  for (const [, service] of [...ours, ...processes])
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], tmpfs: ['/tmp'] })
})

test('services start when the topology is in place, and count as healthy when they are ready', () => {
  for (const name of serviceNames) {
    expect(services[name]?.depends_on?.['setup']?.condition).toBe('service_completed_successfully')
    expect(services[name]?.healthcheck?.test).toContain('/readyz')
  }
  expect(services['setup']?.depends_on?.['broker']?.condition).toBe('service_healthy')
})

test('the replica set has three members that give up abandoned transactions after ten seconds', () => {
  const members = entries.filter(([name]) => /^mongodb-\d$/.test(name))
  expect(members).toHaveLength(3)
  for (const [, member] of members)
    expect(JSON.stringify(member)).toContain('--setParameter transactionLifetimeLimitSeconds=10')
})

test('nothing but this machine reaches what is published', () => {
  const published = entries.flatMap(([, { ports }]) => ports ?? [])
  expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([])
})

test('Prometheus finds every process of ours on its internal port', () => {
  const [groups = []] = yamlOf<{ targets: string[] }[]>('observability/targets.compose.yml')
  const targets = processes.map(([name]) => `${name}:${imageSettings['METRICS_PORT']}`)
  expect(groups.flatMap((group) => group.targets).sort()).toEqual(targets.sort())
  const besides = ['wallet-sync', 'sandbox-provider', 'sandbox-institution', 'backup']
  expect(processes.map(([name]) => name).sort()).toEqual([...serviceNames, ...besides].sort())
})

test('what runs beside the services runs what the build makes', () => {
  const files = processes.flatMap(([, { command = [] }]) => command.filter((word) => word.endsWith('.js')))
  expect(files).toHaveLength(4)
  const isMade = (file: string) => existsSync(pathOf(file.replace('/dist/', '/src/').replace(/js$/, 'ts')))
  expect(files.filter((file) => !isMade(file))).toEqual([])
})

test('everything that the platform leans on is there, in the versions that it is made for', () => {
  const images = new Set(inProfile('system').map(([, { image }]) => image))
  const named = (pattern: RegExp) => [...images].filter((image) => pattern.test(image))
  for (const pattern of [
    /^mongo:8/,
    /^rabbitmq:4\.3-/,
    /^redis:8/,
    /prometheus:/,
    /alertmanager:/,
    /grafana:/,
    /jaeger:/,
    /minio:/,
    /mailpit:/,
  ])
    // prettier-ignore
    expect(named(pattern)).toHaveLength(1)
  for (const name of serviceNames)
    expect(services[name]?.environment).toHaveProperty('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://traces:4318')
})

testBy('compose’s own parser', findComposeParser())('the file is as compose reads it', (parser) => {
  const parameters = ['--format', 'json', pathOf('docker-compose.yml')]
  const { status, stdout, stderr } = spawnSync(parser, parameters, { encoding: 'utf8' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const { services: read } = JSON.parse(stdout) as { services: object }
  expect(Object.keys(read).sort()).toEqual(Object.keys(services).sort())
})
