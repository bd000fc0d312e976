import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { availableOf, credit, debit, decideEntries, normalSideOf, type Account, type EntryDraft } from './domain.js'

const now = new Date('2026-11-21T09:30:00Z')
const account = (fields: Partial<Account> = {}): Account => ({
  _id: 'wallet',
  kind: 'wallet',
  type: 'liability',
  currency: 'USD',
  ownerId: 'user',
  status: 'open',
  postedMinor: 100n,
  pendingInMinor: 0n,
  pendingOutMinor: 0n,
  availableFloorMinor: 0n,
  postedCeilingMinor: null,
  version: 1,
  openedAt: now,
  ...fields,
})
const bank = account({ _id: 'bank', kind: 'house', type: 'asset', ownerId: null, availableFloorMinor: null })
const draft = (...postings: EntryDraft['postings']): EntryDraft => ({
  entryId: 'entry',
  key: 'key',
  kind: 'credit',
  reference: { kind: 'cash', id: 'entry' },
  actor: 'user:admin',
  postings,
})
const decide = (wallet: Account, entry: EntryDraft) =>
  decideEntries([entry], new Map([wallet, bank].map((one) => [one._id, one])), now)
const payIn = (amountMinor = 40n) => draft(debit('bank', amountMinor), credit('wallet', amountMinor))
const payOut = (amountMinor = 40n) => draft(debit('wallet', amountMinor), credit('bank', amountMinor))

test('paying in raises the bank and the wallet alike, and the entry tells both balances', () => {
  const { entries, accounts } = decide(account(), payIn())
  expect(entries[0]?.postings.map(({ balanceAfterMinor }) => balanceAfterMinor)).toEqual([140n, 140n])
  expect(accounts.get('wallet')?.postedMinor).toBe(140n)
})

test('a wallet never pays out more than is available, and held money is not available', () => {
  expect(() => decide(account(), payOut(101n))).toThrow(
    expect.objectContaining({
      code: 'insufficient_funds',
      context: { wallet_id: 'wallet', available: 1, requested: 1.01, shortage: 0.01 },
    }),
  )
  expect(() => decide(account({ pendingOutMinor: 61n }), payOut())).toThrow(
    expect.objectContaining({ code: 'insufficient_funds' }),
  )
  expect(decide(account({ pendingOutMinor: 60n }), payOut()).accounts.get('wallet')?.postedMinor).toBe(60n)
})

test('a frozen wallet may still be paid, but pays nobody, and takes no money that asks for an open one', () => {
  const frozen = account({ status: 'frozen' })
  expect(decide(frozen, payIn())).toBeDefined()
  expect(() => decide(frozen, payOut())).toThrow(expect.objectContaining({ code: 'wallet_frozen' }))
  const onlyIfOpen = draft(debit('bank', 1n), { ...credit('wallet', 1n), onlyIfOpen: true })
  expect(() => decide(frozen, onlyIfOpen)).toThrow(expect.objectContaining({ code: 'wallet_frozen' }))
})

test('a closed wallet moves no money at all', () => {
  for (const entry of [payIn(), payOut()])
    expect(() => decide(account({ status: 'closed' }), entry)).toThrow(
      expect.objectContaining({ code: 'wallet_closed' }),
    )
})

test('an entry that does not balance in each currency is a fault', () => {
  expect(() => decide(account(), draft(debit('bank', 40n), credit('wallet', 41n)))).toThrow('does not balance')
  expect(() => decide(account({ currency: 'EUR' }), payIn())).toThrow('does not balance')
})

test('any sequence of entries conserves money, keeps every floor, and a refused one changes nothing', () => {
  const movement = fc.record({ from: fc.nat(4), to: fc.nat(4), amountMinor: fc.bigInt({ min: 1n, max: 200n }) })
  fc.assert(
    fc.property(fc.array(movement, { maxLength: 60 }), (movements) => {
      let accounts = new Map(
        [0, 1, 2, 3, 4].map((n) => [
          n.toString(),
          account({
            _id: n.toString(),
            type: n === 4 ? 'asset' : 'liability',
            availableFloorMinor: n === 4 ? null : 0n,
          }),
        ]),
      )
      const worth = () =>
        [...accounts.values()].reduce(
          (sum, { type, postedMinor }) => sum + (normalSideOf(type) === 'debit' ? postedMinor : -postedMinor),
          0n,
        )
      const before = worth()
      for (const { from, to, amountMinor } of movements) {
        const kept = structuredClone(accounts)
        try {
          const entry = draft(debit(from.toString(), amountMinor), credit(to.toString(), amountMinor))
          accounts = new Map([...accounts, ...decideEntries([entry], accounts, now).accounts])
        } catch (error) {
          expect(error).toMatchObject({ code: 'insufficient_funds' })
          expect(accounts).toEqual(kept)
        }
      }
      expect(worth()).toBe(before)
      for (const one of accounts.values())
        if (one.availableFloorMinor !== null) expect(availableOf(one)).toBeGreaterThanOrEqual(0n)
    }),
  )
})
