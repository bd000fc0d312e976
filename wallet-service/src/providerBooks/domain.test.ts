import { expect, test } from '@jest/globals'
import type { ProviderPayout } from '../payments/provider.js'
import type { SentOut } from '../payments/sentOut.js'
import { compareSent } from './domain.js'

const at = new Date('2026-11-21T09:30:00Z')
const sent = (status: SentOut['status'], payoutId: string | null = 'po_1'): SentOut => ({
  ...{ id: 'r', payoutId, status, amountMinor: 30_00n, currency: 'USD', at },
})
const payout = (status: ProviderPayout['status']): ProviderPayout => ({
  ...{
    id: 'po_1',
    reference: 'r',
    status,
    amountMinor: 30_00n,
    currency: 'USD',
    failureCode: null,
    failureReason: null,
  },
  arrivesAt: at,
})
const named = (one: SentOut, other: ProviderPayout | undefined, standingMinor = 0n) =>
  compareSent(one, other, standingMinor).map(({ code, sourceId, providerMinor, booksMinor }) => [
    ...[code, sourceId, providerMinor, booksMinor],
  ])

test('what is sent out and done on both sides, or on its way on both, makes no difference', () => {
  expect(named(sent('arrived'), payout('paid'))).toEqual([])
  expect(named(sent('on_its_way'), payout('in_transit'))).toEqual([])
  expect(named(sent('back'), payout('failed'))).toEqual([])
  expect(named(sent('on_its_way', null), undefined, 30_00n)).toEqual([])
})

test('what one side alone has paid is named, whether the other still waits or has given it back', () => {
  expect(named(sent('on_its_way'), payout('paid'))).toEqual([['paid_at_provider_only', 'po_1', 30_00n, 0n]])
  expect(named(sent('back'), payout('paid'))).toEqual([['paid_at_provider_only', 'po_1', 30_00n, 0n]])
  expect(named(sent('arrived'), payout('failed'))).toEqual([['paid_in_books_only', 'po_1', 0n, 30_00n]])
})

test('what stands in the clearing account longer than it should, or has left it too soon, is named', () => {
  expect(named(sent('on_its_way'), payout('pending'), 30_00n)).toEqual([['clearing_differs', 'po_1', 0n, 30_00n]])
  expect(named(sent('on_its_way', null), undefined)).toEqual([['clearing_differs', 'r', 30_00n, 0n]])
})
