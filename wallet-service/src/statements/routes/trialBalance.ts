import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Timestamp, WireAmount } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { parseHouseAccountId } from '../../ledger/chart.js'
import { ACCOUNT_TYPES, normalSideOf, type AccountType } from '../../ledger/domain.js'
import type { LedgerLine } from '../../ledger/lines.js'
import { refuseFuture } from '../reading.js'
import { linesBefore, linesNow } from '../store/trialBalance.js'
import type { Deps } from './deps.js'

const LineView = z.object({ account: z.string(), type: z.enum(ACCOUNT_TYPES), balance: WireAmount })
const CurrencyView = z.object({
  currency: z.string(),
  debits: WireAmount,
  credits: WireAmount,
  accounts: z.array(LineView),
})
const TrialBalanceView = z.object({ balanced: z.boolean(), at: Timestamp, currencies: z.array(CurrencyView) })

const example = {
  balanced: true,
  at: '2026-11-21T09:30:00.000Z',
  currencies: [
    {
      currency: 'USD',
      debits: 25000,
      credits: 25000,
      accounts: [
        { account: 'house:loans_receivable:USD', type: 'asset', balance: 25000 },
        { account: 'wallets', type: 'liability', balance: 25000 },
      ],
    },
  ],
}

export const trialBalanceEndpoints = ({ db, now }: Deps) => [
  endpoint({
    method: 'get',
    path: '/ledger/trial-balance',
    summary: 'Sum all accounts at any moment: per currency, debits equal credits',
    tag: 'Ledger',
    access: ['admin'],
    query: z.object({ at: z.iso.datetime({ offset: true }).optional() }),
    view: TrialBalanceView,
    example: { view: example },
    handle: async ({ query }) => {
      const at = query.at === undefined ? now() : new Date(query.at)
      refuseFuture(at, 'at', now())
      const reads = readsOn(db)
      const lines = await (query.at === undefined ? linesNow(reads) : linesBefore(reads, new Date(at.getTime() + 1)))
      return toView(lines, at)
    },
  }),
]

const toView = (lines: readonly LedgerLine[], at: Date) => {
  const currencies = [...new Set(lines.map(({ currency }) => currency))].sort()
  const sums = currencies.map((currency) => ({
    currency,
    ...sumUp(lines.filter((line) => line.currency === currency)),
  }))
  return {
    balanced: sums.every(({ debitsMinor, creditsMinor }) => debitsMinor === creditsMinor),
    at: at.toISOString(),
    currencies: sums.map(({ currency, debitsMinor, creditsMinor, accounts }) => {
      const wire = (amountMinor: bigint) => toWireAmount(amountMinor, currency)
      return {
        ...{ currency, debits: wire(debitsMinor), credits: wire(creditsMinor) },
        accounts: accounts.map(({ balanceMinor, ...line }) => ({ ...line, balance: wire(balanceMinor) })),
      }
    }),
  }
}

// The sides are summed on their own, so that a trial balance that is out shows by how much.
const sumUp = (lines: readonly LedgerLine[]) => {
  const accounts = lines
    .map(({ account, debitMinor }) => {
      const type: AccountType = parseHouseAccountId(account)?.type ?? 'liability'
      return { account, type, balanceMinor: normalSideOf(type) === 'debit' ? debitMinor : -debitMinor }
    })
    .sort((one, other) => one.account.localeCompare(other.account))
  const sum = (side: 'debit' | 'credit') =>
    accounts.reduce((total, { type, balanceMinor }) => (normalSideOf(type) === side ? total + balanceMinor : total), 0n)
  return { debitsMinor: sum('debit'), creditsMinor: sum('credit'), accounts }
}
