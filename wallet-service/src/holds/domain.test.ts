import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { decideEntries, type Account, type EntryDraft } from '../ledger/domain.js'
import { captureHold, expireHold, placeHold, releaseHold, remainingOf, statusOf, type Hold } from './domain.js'

const now = new Date('2026-11-21T09:30:00Z')
const later = new Date('2026-11-28T09:30:00Z')
const by = { entryId: 'entry', actor: 'user:ann' }
const account = (fields: Partial<Account>): Account => ({
  _id: 'wallet',
  kind: 'wallet',
  type: 'liability',
  currency: 'USD',
  ownerId: 'ann',
  status: 'open',
  postedMinor: 1000n,
  pendingInMinor: 0n,
  pendingOutMinor: 0n,
  availableFloorMinor: 0n,
  postedCeilingMinor: null,
  version: 1,
  openedAt: now,
  ...fields,
})
const wallet = account({})
const payee = account({ _id: 'payee', postedMinor: 0n })
const order = (more: Partial<Parameters<typeof placeHold>[0]> = {}) => ({
  holdId: 'hold',
  wallet,
  payee,
  clearingId: 'house:clearing:USD',
  amountMinor: 100n,
  description: null,
  expiresAt: later,
  ...more,
})
const { hold } = placeHold(order(), by, now)
const all = { amountMinor: undefined, final: true }
const refusal = (code: string): unknown => expect.objectContaining({ code })

test('a hold without a payee is for the clearing account', () => {
  expect(placeHold(order({ payee: undefined }), by, now).hold.targetId).toBe('house:clearing:USD')
})

test('nobody holds money for themselves, or for a wallet of another currency', () => {
  expect(() => placeHold(order({ payee: wallet }), by, now)).toThrow(refusal('same_wallet'))
  expect(() => placeHold(order({ payee: { ...payee, currency: 'EUR' } }), by, now)).toThrow(
    refusal('currency_mismatch'),
  )
})

test('a part can be captured and the rest stays held, unless the capture is final', () => {
  const part = captureHold(hold, { amountMinor: 30n, final: false }, by, now).hold
  expect([part.status, remainingOf(part)]).toEqual(['pending', 70n])
  expect(captureHold(part, all, by, now).hold).toMatchObject({ status: 'captured', capturedMinor: 100n })
  expect(captureHold(hold, { amountMinor: 30n, final: true }, by, now).hold.status).toBe('captured')
  expect(() => captureHold(part, { amountMinor: 71n, final: true }, by, now)).toThrow(refusal('exceeds_hold'))
})

test('a finished hold takes no further step', () => {
  const finished: [Hold, string][] = [
    [captureHold(hold, all, by, now).hold, 'hold_already_captured'],
    [releaseHold(hold, by, now).hold, 'hold_already_released'],
    [expireHold(hold, by, later)?.hold ?? hold, 'hold_already_expired'],
  ]
  for (const [one, code] of finished) {
    expect(() => captureHold(one, all, by, now)).toThrow(refusal(code))
    expect(() => releaseHold(one, by, now)).toThrow(refusal(code))
    expect(expireHold(one, by, later)).toBeUndefined()
  }
})

test('from the moment its time runs out a hold is captured by nobody, even if nobody has let it go yet', () => {
  expect(statusOf(hold, later)).toBe('expired')
  expect(() => captureHold(hold, all, by, later)).toThrow(refusal('hold_already_expired'))
  expect(expireHold(hold, by, new Date(later.getTime() - 1))).toBeUndefined()
})

test('whatever steps are taken, the books set aside exactly what the holds still hold, and pay what they captured', () => {
  const step = fc.record({
    act: fc.constantFrom('capture', 'part', 'release', 'expire'),
    amountMinor: fc.bigInt({ min: 1n, max: 120n }),
    late: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
      let accounts = new Map([wallet, payee].map((one) => [one._id, one]))
      const enter = (draft: EntryDraft) =>
        (accounts = new Map([...accounts, ...decideEntries([draft], accounts, now).accounts]))
      const first = placeHold(order(), by, now)
      enter(first.draft)
      let current = first.hold
      for (const { act, amountMinor, late } of steps) {
        const at = late ? later : now
        try {
          const taken =
            act === 'release'
              ? releaseHold(current, by, at)
              : act === 'expire'
                ? expireHold(current, by, at)
                : captureHold(current, { amountMinor, final: act === 'capture' }, by, at)
          if (taken) enter(taken.draft)
          current = taken?.hold ?? current
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^hold_already_|^exceeds_hold$/) })
        }
        const [from, to] = [accounts.get('wallet'), accounts.get('payee')]
        expect([from?.pendingOutMinor, to?.pendingInMinor]).toEqual([remainingOf(current), remainingOf(current)])
        expect([from?.postedMinor, to?.postedMinor]).toEqual([1000n - current.capturedMinor, current.capturedMinor])
      }
    }),
  )
})
