import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { loanApplied, loanApproved, loanRejected, type LoanDecision } from '@countinghouse/shared/contracts/loan'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { announced } from '@countinghouse/shared/testing/events'
import { uniqueName } from '@countinghouse/shared/testing/servers'
import { customers } from '../customers/store.js'
import { loans } from '../loans/store/collection.js'
import { openLoanHouse, type LoanHouse } from '../testing/house.js'

let replicas: LoanHouse[]
beforeAll(async () => {
  const sampled = { SAMPLE_DATA: 'on', MONGODB_DATABASE: uniqueName('test') } as const
  replicas = await Promise.all([openLoanHouse(sampled), openLoanHouse(sampled)])
})
afterAll(async () => {
  for (const house of replicas) await house.close()
})

const stored = () => readsOn((replicas[0] as LoanHouse).db).find(loans, {})

test('a new development system has fifteen loans that add up to the portfolio of the examples, however many replicas start', async () => {
  const all = await stored()
  expect(all).toHaveLength(15)
  expect(all.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)).toBe(487_000_00n)
  expect(all.reduce((sum, { riskScore }) => sum + Math.round(riskScore * 10_000), 0) / 15).toBe(4_500)
  const count = (decision: LoanDecision) => all.filter((loan) => loan.decision === decision).length
  expect([count('PENDING'), count('APPROVED'), count('REJECTED')]).toEqual([5, 6, 4])
})

test('each belongs to a customer of its own; those with a user are asked to be paid out, the others wait', async () => {
  const [house] = replicas as [LoanHouse]
  const owners = await readsOn(house.db).find(customers, {})
  expect(owners).toHaveLength(15)
  expect(new Set((await stored()).map(({ customerId }) => customerId)).size).toBe(15)
  const asked = (await announced(house.db, loanApproved)).map(
    ({ data }) => (data as { user_id: string | null }).user_id,
  )
  expect(asked.sort()).toEqual([null, null, null, null, 'user123', 'user456'])
})

test('whatever is loaded is announced, and nothing twice', async () => {
  const { db } = replicas[0] as LoanHouse
  const counts = [loanApplied, loanApproved, loanRejected].map(async (type) => (await announced(db, type)).length)
  expect(await Promise.all(counts)).toEqual([15, 6, 4])
})

test('a system whose settings do not allow the sample loans starts without them', async () => {
  const strict = await openLoanHouse({ SAMPLE_DATA: 'on', RISK_REJECT_THRESHOLD: 0.2 })
  expect(await readsOn(strict.db).count(loans, {})).toBe(0)
  await strict.close()
})
