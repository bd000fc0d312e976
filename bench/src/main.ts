import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { startProgress } from '@countinghouse/scripts/kit/progress'
import { onGround, type Ground } from './ground.js'
import { describeMachine, loadNow } from './machine.js'
import type { Measured } from './measured.js'
import { print } from './print.js'
import { keep, keepFailure } from './records.js'

type Bench = {
  load: () => Promise<{ bench: (ground: Ground) => Promise<Measured> }>
  /** How much is measured for the page; what the environment says goes before. */
  sizes: Record<string, string>
}

const BENCHES: Record<string, Bench> = {
  ledger: { load: () => import('./ledger.js'), sizes: { BENCH_SECONDS: '6', BENCH_SCALE: '40000' } },
  gateway: { load: () => import('./gateway.js'), sizes: { BENCH_SECONDS: '6' } },
  loans: { load: () => import('./loans.js'), sizes: { BENCH_SECONDS: '5', BENCH_SCALE: '20000' } },
  stock: { load: () => import('./stock.js'), sizes: { BENCH_SECONDS: '5', BENCH_SCALE: '40000' } },
  shop: {
    load: () => import('./shop.js'),
    sizes: { BENCH_SECONDS: '5', BENCH_SCALE: '20000', BENCH_STOCK: '600' },
  },
  accounts: { load: () => import('./accounts.js'), sizes: { BENCH_SECONDS: '5', BENCH_JOBS: '40' } },
  payments: { load: () => import('./payments.js'), sizes: { BENCH_SECONDS: '5' } },
  reporting: { load: () => import('./reporting.js'), sizes: { BENCH_SCALE: '6000' } },
}
const WRITE = '--write'

const runOne = async (name: string, { load, sizes }: Bench, writes: boolean): Promise<void> => {
  // They are read where they are used, when the bench is loaded.
  if (writes) process.env = { ...sizes, ...process.env }
  const { bench } = await load()
  const [begunAt, loadBefore] = [new Date(), loadNow()]
  const { machine, measured } = await onGround(async (ground) => ({
    machine: await describeMachine(ground.servers),
    measured: await bench(ground),
  }))
  const seconds = Math.round((Date.now() - begunAt.getTime()) / 1000)
  print(measured, machine)
  if (!writes) return
  const taken = Object.fromEntries(Object.keys(sizes).map((size) => [size, process.env[size] ?? '']))
  keep(name, { ...measured, at: begunAt.toISOString(), seconds, sizes: taken, machine, load: loadBefore })
}

/** One after another, each in a process of its own, so that a failure takes nothing of the others along. */
const runAll = (): boolean => {
  const { say } = startProgress()
  const failed: string[] = []
  const names = Object.keys(BENCHES)
  for (const [index, name] of names.entries()) {
    say(`${name}, ${index + 1} of ${names.length}`)
    const begunAt = new Date()
    const script = fileURLToPath(import.meta.url)
    const { status, signal } = spawnSync(process.execPath, [script, 'bench', name, WRITE], { stdio: 'inherit' })
    if (signal) return false
    if (status === 0) continue
    failed.push(name)
    keepFailure(name, begunAt)
  }
  say(failed.length === 0 ? 'docs/performance.md and docs/capacity.md are written' : `FAILED: ${failed.join(', ')}`)
  return failed.length === 0
}

const [name = '', ...options] = process.argv.slice(3)
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined
if (name === 'all') process.exit(runAll() ? 0 : 1)
if (!bench) {
  console.error(`Usage: npm run bench <all|${Object.keys(BENCHES).join('|')}> [-- ${WRITE}]`)
  process.exit(1)
}
await runOne(name, bench, options.includes(WRITE))
process.exit()
