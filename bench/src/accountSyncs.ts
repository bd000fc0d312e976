import { freePorts } from '@countinghouse/scripts/kit/ports'
import { startService } from '@countinghouse/scripts/system/service'
import { eventually } from '@countinghouse/shared/testing/eventually'
import type { Bank, WalletService } from './walletService.js'

const JOBS = Number(process.env['BENCH_JOBS'] ?? 300)
const WORKERS = [1, 4]
const CUSTOMER = 'user_slow'

/** How many jobs a minute so many workers do, all of which wait when they start; the institution takes 0.4 s to answer. */
export const measureSyncs = async (bank: Bank): Promise<Record<string, string | number>> => {
  const institution = await startInstitution()
  const other = await bank.start({ INSTITUTION_URL: institution.url })
  const facts: Record<string, string | number> = {}
  for (const count of WORKERS) {
    console.log(`${JOBS} syncs, ${count} worker${count > 1 ? 's' : ''}`)
    await connectAll(bank, other, `sync-${count}`)
    const startedAt = performance.now()
    const workers = await Promise.all(
      Array.from({ length: count }, () => bank.start({ INSTITUTION_URL: institution.url }, 'wallet-sync')),
    )
    const readyAt = performance.now()
    await untilDone(bank)
    const seconds = (performance.now() - startedAt) / 1000
    facts[`sync jobs a minute, ${count} worker${count > 1 ? 's' : ''}`] = Math.round((JOBS * 60) / seconds)
    facts[`seconds until ${count} stood ready, included`] = Math.round((readyAt - startedAt) / 100) / 10
    await Promise.all(workers.map((worker) => worker.stop()))
  }
  await other.stop()
  await institution.stop()
  return facts
}

const startInstitution = async () => {
  const [port = 0, metricsPort = 0] = await freePorts(2)
  const child = await startService({
    service: 'sandbox-institution',
    environment: {
      ...process.env,
      NODE_ENV: 'test',
      LOG_LEVEL: 'error',
      PORT: String(port),
      METRICS_PORT: String(metricsPort),
    },
    onLine: (_service, line) => {
      console.error(line)
    },
    onExit: () => undefined,
  })
  await eventually(() => fetch(`http://127.0.0.1:${metricsPort}/readyz`), 10_000)
  return { url: `http://127.0.0.1:${port}`, stop: () => child.stop() }
}

const connectAll = async ({ tokens }: Bank, { url }: WalletService, prefix: string): Promise<void> => {
  const headers = { authorization: `Bearer ${tokens.userToken('admin')}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ institution: 'sandbox', username: CUSTOMER, password: 'pass_good' })
  for (let from = 0; from < JOBS; from += 20)
    await Promise.all(
      Array.from({ length: Math.min(20, JOBS - from) }, async (_, index) => {
        const path = `/users/${prefix}-${from + index}/accounts/links`
        const answer = await fetch(url + path, { method: 'POST', headers, body })
        if (answer.status !== 201) throw new Error(await answer.text())
      }),
    )
}

const untilDone = ({ db }: Bank): Promise<void> =>
  eventually(async () => {
    const open = await db.collection('jobs').countDocuments({ finishedAt: null })
    if (open > 0) throw new Error(`${open} jobs are still open`)
  }, 600_000)
