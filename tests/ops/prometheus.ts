import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cacheDir, findProgram } from '@countinghouse/scripts/kit/files'
import { freePorts } from '@countinghouse/scripts/kit/ports'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { stringify } from 'yaml'
import { pathOf } from './house.js'

/** Prometheus or its tool where they are installed, or else out of their Debian package, which nothing is installed for. */
export const findPrometheus = (name: 'prometheus' | 'promtool'): string | undefined => {
  const own = join(cacheDir, 'prometheus/usr/bin', name)
  return findProgram(name) ?? (existsSync(own) || unpack() ? own : undefined)
}

const unpack = (): boolean => {
  if (!findProgram('apt-get') || !findProgram('dpkg-deb')) return false
  mkdirSync(cacheDir, { recursive: true })
  const draft = mkdtempSync(join(cacheDir, 'prometheus-'))
  const run = (program: string, ...parameters: string[]) =>
    spawnSync(program, parameters, { cwd: draft, timeout: 45_000 }).status === 0
  const download = () => run('apt-get', 'download', 'prometheus')
  const isThere = download() || (run('apt-get', 'update') && download())
  const file = readdirSync(draft).find((name) => name.endsWith('.deb'))
  const isUnpacked = isThere && file !== undefined && run('dpkg-deb', '-x', file, '.')
  if (isUnpacked) renameSync(draft, join(cacheDir, 'prometheus'))
  else rmSync(draft, { recursive: true })
  return isUnpacked
}

/** Where the broker gives its own figures to this machine, if it does. */
export const brokerFiguresOf = async (adminUrl: string): Promise<string | undefined> => {
  const { origin, hostname, username, password } = new URL(adminUrl)
  const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  const overview = await fetch(`${origin}/api/overview`, { headers: { authorization: `Basic ${basic}` } })
  const { listeners } = (await overview.json()) as { listeners: { protocol: string; port: number }[] }
  const address = `${hostname}:${listeners.find(({ protocol }) => protocol === 'http/prometheus')?.port ?? 0}`
  const answer = await fetch(`http://${address}/metrics`).catch(() => undefined)
  return answer?.ok && (await answer.text()).includes('rabbitmq_') ? address : undefined
}

export type Watched = { processes: readonly number[]; broker?: { address: string; vhost: string } | undefined }
export type Prometheus = {
  /** How many series an expression gives now whose value is a number. */
  count(expr: string): Promise<number>
  close(): Promise<void>
}

const scrapes = ({ processes, broker }: Watched) => [
  { job_name: 'services', static_configs: [{ targets: processes.map((port) => `127.0.0.1:${port}`) }] },
  ...(broker
    ? [
        {
          ...{ job_name: 'broker', metrics_path: '/metrics/detailed', scrape_interval: '3s' },
          params: { family: ['queue_coarse_metrics', 'queue_consumer_count'], vhost: [broker.vhost] },
          static_configs: [{ targets: [broker.address] }],
        },
      ]
    : []),
]

/** Runs Prometheus with the rules of the house over some processes, looking at them every second. */
export const startPrometheus = async (program: string, watched: Watched): Promise<Prometheus> => {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'))
  const [port = 0] = await freePorts(1)
  const configuration = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [pathOf('observability/rules/indicators.yml')],
    scrape_configs: scrapes(watched),
  }
  await writeFile(join(folder, 'prometheus.yml'), stringify(configuration))
  const parameters = [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`]
  const child = spawn(program, [...parameters, `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const count = async (expr: string): Promise<number> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expr)}`)
    const { data } = (await response.json()) as { data: { result: { value: [at: number, value: string] }[] } }
    return data.result.filter(({ value: [, value] }) => Number.isFinite(Number(value))).length
  }
  await eventually(() => count('up'), 30_000)
  return {
    count,
    close: async () => {
      child.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
