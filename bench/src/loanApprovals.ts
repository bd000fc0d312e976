import type { mongo } from 'mongoose'
import { setTimeout as pause } from 'node:timers/promises'
import { summarise } from './load.js'
import type { LoanHouse } from './loanHouse.js'
import type { Row } from './measured.js'

const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 15)
const GIVE_UP_AFTER_MS = 30_000
const ASKED = { amount: 1_000, term_months: 12, income: 60_000, expenses: 20_000 }

/** So many approvals a second, whatever becomes of them; each takes from its request until its loan is active. */
export const measureApprovals = async (house: LoanHouse, perSecond: number): Promise<Row> => {
  console.log(`approvals, ${perSecond} a second`)
  const ids = await enterLoans(house, perSecond * SECONDS)
  const [begun, took] = [new Map<string, number>(), new Map<string, number>()]
  const stream = house.db
    .collection('loans')
    .watch([{ $match: { 'updateDescription.updatedFields.status': 'ACTIVE' } }])
  stream.on('change', (change) => {
    const id = String((change as mongo.ChangeStreamUpdateDocument).documentKey._id)
    took.set(id, performance.now() - (begun.get(id) ?? 0))
  })
  // Whatever is approved before the stream is open would be missed.
  await pause(1_000)
  const startedAt = performance.now()
  await Promise.allSettled(
    ids.map(async (id, index) => {
      await pause((index * 1_000) / perSecond)
      begun.set(id, performance.now())
      await house.call('PATCH', `/loans/${id}`, { status: 'APPROVED' })
    }),
  )
  const giveUpAt = performance.now() + GIVE_UP_AFTER_MS
  while (took.size < ids.length && performance.now() < giveUpAt) await pause(50)
  const figures = summarise([...took.values()], (performance.now() - startedAt) / 1000, ids.length - took.size)
  await stream.close()
  return { name: `approved to active, ${perSecond} a second`, figures }
}

const enterLoans = async ({ call, customerIds }: LoanHouse, count: number): Promise<string[]> => {
  const ids: string[] = []
  for (let from = 0; from < count; from += customerIds.length) {
    const some = customerIds.slice(0, count - from)
    const entered = some.map((customer_id) => call<{ id: string }>('POST', '/loans', { customer_id, ...ASKED }))
    ids.push(...(await Promise.all(entered)).map(({ id }) => id))
  }
  return ids
}
