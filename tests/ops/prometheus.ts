import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cacheDir, findProgram } from '@countinghouse/scripts/kit/files'
import { freePorts } from '@countinghouse/scripts/kit/ports'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { stringify } from 'yaml'
import { pathOf } from './house.js'

/** Prometheus where it is installed, or else taken out of its Debian package, which nothing is installed for. */
export const findPrometheus = (): string | undefined => {
  const unpacked = join(cacheDir, 'prometheus')
  const own = join(unpacked, 'usr/bin/prometheus')
  return findProgram('prometheus') ?? (existsSync(own) || unpack(unpacked) ? own : undefined)
}

const unpack = (folder: string): boolean => {
  if (!findProgram('apt-get') || !findProgram('dpkg-deb')) return false
  mkdirSync(folder, { recursive: true })
  const inFolder = { cwd: folder, timeout: 30_000 }
  spawnSync('apt-get', ['download', 'prometheus'], inFolder)
  const name = readdirSync(folder).find((file) => file.endsWith('.deb'))
  return name !== undefined && spawnSync('dpkg-deb', ['-x', name, '.'], inFolder).status === 0
}

export type Prometheus = {
  /** How many series an expression gives now. */
  count(expr: string): Promise<number>
  /** The metrics that some process declares, whether they have a sample yet or not, and those that rules record. */
  metrics(): Promise<ReadonlySet<string>>
  close(): Promise<void>
}

/** Runs Prometheus with the rules of the house over some processes, looking at them every second. */
export const startPrometheus = async (program: string, metricsPorts: readonly number[]): Promise<Prometheus> => {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'))
  const [port = 0] = await freePorts(1)
  const configuration = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [pathOf('observability/rules/indicators.yml')],
    scrape_configs: [
      { job_name: 'services', static_configs: [{ targets: metricsPorts.map((metrics) => `127.0.0.1:${metrics}`) }] },
    ],
  }
  await writeFile(join(folder, 'prometheus.yml'), stringify(configuration))
  const parameters = [`--config.file=${join(folder, 'prometheus.yml')}`, `--storage.tsdb.path=${join(folder, 'data')}`]
  const child = spawn(program, [...parameters, `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const ask = async <Data>(path: string): Promise<Data> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)
    return ((await response.json()) as { data: Data }).data
  }
  const count = async (expr: string): Promise<number> =>
    (await ask<{ result: unknown[] }>(`query?query=${encodeURIComponent(expr)}`)).result.length
  await eventually(() => count('up'), 20_000)
  return {
    count,
    metrics: async () => {
      const names = Object.entries(await ask<Record<string, { type: string }[]>>('metadata'))
      const parts = ['', '_bucket', '_sum', '_count']
      return new Set(names.flatMap(([name]) => parts.map((part) => name + part)))
    },
    close: async () => {
      child.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
