import { eventually } from '@countinghouse/shared/testing/eventually'
import type { Bank } from './bank.js'
import { openCaller } from './caller.js'
import type { Service } from './ground.js'

const JOBS = Number(process.env['BENCH_JOBS'] ?? 300)
const WORKERS = [1, 4]
const CUSTOMER = 'user_slow'

/** How many jobs a minute so many workers do, all of which wait when they start; the institution takes 0.4 s to answer. */
export const measureSyncs = async (bank: Bank): Promise<Record<string, string | number>> => {
  const institution = await bank.start('sandbox-institution')
  const other = await bank.start('wallet-service', { INSTITUTION_URL: institution.url })
  const facts: Record<string, string | number> = {}
  for (const count of WORKERS) {
    console.log(`${JOBS} syncs, ${count} worker${count > 1 ? 's' : ''}`)
    await connectAll(bank, other, `sync-${count}`)
    const startedAt = performance.now()
    const workers = await Promise.all(
      Array.from({ length: count }, () => bank.start('wallet-sync', { INSTITUTION_URL: institution.url })),
    )
    const readyAt = performance.now()
    await untilDone(bank)
    const seconds = (performance.now() - startedAt) / 1000
    facts[`sync jobs a minute, ${count} worker${count > 1 ? 's' : ''}`] = Math.round((JOBS * 60) / seconds)
    facts[`seconds until ${count} stood ready, included`] = Math.round((readyAt - startedAt) / 100) / 10
    await Promise.all(workers.map((worker) => worker.stop()))
  }
  return facts
}

const connectAll = async ({ tokens }: Bank, { url }: Service, prefix: string): Promise<void> => {
  const { call, close } = openCaller(url, 20, tokens.userToken('admin'))
  const link = { institution: 'sandbox', username: CUSTOMER, password: 'pass_good' }
  const users = Array.from({ length: JOBS }, (_, index) => `${prefix}-${index}`)
  await Promise.all(users.map((user) => call('POST', `/users/${user}/accounts/links`, link)))
  await close()
}

const untilDone = ({ db }: Bank): Promise<void> =>
  eventually(async () => {
    const open = await db.collection('jobs').countDocuments({ finishedAt: null })
    if (open > 0) throw new Error(`${open} jobs are still open`)
  }, 600_000)
