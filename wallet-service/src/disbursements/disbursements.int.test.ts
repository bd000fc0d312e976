import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { disbursementFailed, loanApproved } from '@countinghouse/shared/contracts/loan'
import { ledgerEntryPosted, walletCredited } from '@countinghouse/shared/contracts/wallet'
import { newEvent } from '@countinghouse/shared/messaging/event'
import { inbox } from '@countinghouse/shared/messaging/inbox'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { announced } from '@countinghouse/shared/testing/events'
import { eventually } from '@countinghouse/shared/testing/eventually'
import { publishEvent } from '@countinghouse/shared/testing/publish'
import { startTestService, type TestService } from '@countinghouse/shared/testing/service'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { walletService } from '../app.js'
import { accounts, entries } from '../ledger/store.js'
import { openedWallet, setStatus, walletOf } from '../testing/wallets.js'

let service: TestService
beforeAll(async () => {
  service = await startTestService(walletService)
})
afterAll(() => service.close())

const approval = (loanId: string, userId: string | null) =>
  newEvent(loanApproved, loanId, {
    loan_id: loanId,
    customer_id: 'customer',
    user_id: userId,
    amount_minor: 2_500_000n,
    currency: 'USD',
    approved_at: '2026-11-21T09:30:00.000Z',
  })

const entriesFor = (loanId: string) => readsOn(service.db).find(entries, { 'reference.id': loanId })
const about = async (contract: Parameters<typeof announced>[1], loanId: string) =>
  (await announced(service.db, contract)).filter(({ data }) => JSON.stringify(data).includes(loanId))
const handled = (eventId: string) =>
  eventually(async () => {
    expect(await readsOn(service.db).count(inbox, { eventId })).toBe(1)
  })

test('an approval that arrives five times credits the wallet once, with one balanced entry and one event of each kind', async () => {
  const loanId = uuidv7()
  await openedWallet(service, 'ann')
  const event = approval(loanId, 'ann')
  await publishEvent(service.rabbitmqUrl, event, 5)
  await handled(event.id)
  await eventually(async () => {
    expect((await walletOf(service, 'ann')).postedMinor).toBe(2_500_000n)
  })
  const [entry, ...others] = await entriesFor(loanId)
  expect(others).toEqual([])
  expect(entry?.postings).toMatchObject([
    { accountId: 'house:loans_receivable:USD', side: 'debit', amountMinor: 2_500_000n },
    { side: 'credit', amountMinor: 2_500_000n, balanceAfterMinor: 2_500_000n },
  ])
  expect(await about(walletCredited, loanId)).toHaveLength(1)
  expect(await about(ledgerEntryPosted, loanId)).toHaveLength(1)
})

test('a frozen wallet is not paid: the failure is announced with its reason, the books are untouched, a retry succeeds', async () => {
  const loanId = uuidv7()
  const wallet = await openedWallet(service, 'ben')
  await setStatus(service, wallet._id, 'frozen')
  const first = approval(loanId, 'ben')
  await publishEvent(service.rabbitmqUrl, first, 3)
  await handled(first.id)
  const [failure, ...others] = await about(disbursementFailed, loanId)
  expect(failure).toMatchObject({ subject: loanId, data: { code: 'wallet_frozen' }, causationid: first.id })
  expect(others).toEqual([])
  expect(await entriesFor(loanId)).toEqual([])

  await setStatus(service, wallet._id, 'open')
  const retry = approval(loanId, 'ben')
  await publishEvent(service.rabbitmqUrl, retry)
  await handled(retry.id)
  expect((await walletOf(service, 'ben')).postedMinor).toBe(2_500_000n)
})

test('a retry after the success pays nothing, but says once more that it was paid', async () => {
  const loanId = uuidv7()
  await openedWallet(service, 'cem')
  for (const event of [approval(loanId, 'cem'), approval(loanId, 'cem')]) {
    await publishEvent(service.rabbitmqUrl, event)
    await handled(event.id)
  }
  expect((await walletOf(service, 'cem')).postedMinor).toBe(2_500_000n)
  expect(await entriesFor(loanId)).toHaveLength(1)
  const credits = await about(walletCredited, loanId)
  expect(credits.map(({ data }) => (data as { entry_id: string }).entry_id)).toEqual(
    Array(2).fill((await entriesFor(loanId))[0]?._id),
  )
})

test('an approval that overtakes the registration waits for the wallet', async () => {
  const loanId = uuidv7()
  const event = approval(loanId, 'dan')
  await publishEvent(service.rabbitmqUrl, event)
  await openedWallet(service, 'dan')
  await eventually(async () => {
    expect((await walletOf(service, 'dan')).postedMinor).toBe(2_500_000n)
  }, 15_000)
})

test('an approval for a customer without a user pays nobody', async () => {
  const loanId = uuidv7()
  await publishEvent(service.rabbitmqUrl, approval(loanId, null))
  const next = approval(uuidv7(), 'ann')
  await publishEvent(service.rabbitmqUrl, next)
  await handled(next.id)
  expect(await entriesFor(loanId)).toEqual([])
  expect(await about(disbursementFailed, loanId)).toEqual([])
})

test('the loans paid out are what the house has receivable', async () => {
  const wallets = await readsOn(service.db).find(accounts, { kind: 'wallet' })
  const [receivable] = await readsOn(service.db).find(accounts, { _id: 'house:loans_receivable:USD' })
  expect(receivable?.postedMinor).toBe(wallets.reduce((sum, { postedMinor }) => sum + postedMinor, 0n))
})
