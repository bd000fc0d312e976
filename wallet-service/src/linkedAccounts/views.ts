import { Id, Timestamp, WireAmount, text } from '@countinghouse/shared/http/fields'
import { toWireAmount } from '@countinghouse/shared/money'
import { z } from 'zod'
import type { LinkedAccount } from './domain/account.js'
import type { NetWorth } from './domain/netWorth.js'
import { SignedAmount, askedAccount, shownAccount, toWireDetails } from './fields.js'

const Currency = z.string().regex(/^[A-Z]{3}$/).meta({ example: 'USD' }) // prettier-ignore
const shown = {
  id: Id,
  provider: z.string(),
  accountName: z.string(),
  balance: WireAmount,
  currency: Currency,
}
const more = { lastUpdated: Timestamp, linkId: Id.nullable(), version: z.number().int() }

export const AccountsView = z.object({ userId: Id, accounts: z.array(shownAccount(shown)) })
export const AccountView = shownAccount({ ...shown, ...more })

export const AccountBody = askedAccount({
  provider: text(100),
  accountName: text(100),
  balance: SignedAmount,
  currency: Currency,
})

export const AccountChange = z.strictObject({
  provider: text(100).optional(),
  accountName: text(100).optional(),
  balance: SignedAmount.optional(),
  details: z.record(z.string().max(100), z.unknown()).optional().meta({ description: 'Those that change' }),
})

const Worth = z.object({
  currency: Currency,
  assets: WireAmount,
  debts: WireAmount,
  net: WireAmount,
  accounts: z.number().int(),
})
export const NetWorthView = z.object({ userId: Id, currencies: z.array(Worth) })

const listed = {
  id: 'acc1',
  type: 'credit',
  provider: 'Chase',
  accountName: 'Chase Freedom',
  balance: 1200.45,
  currency: 'USD',
  details: { creditLimit: 5000, availableCredit: 3800, apr: 19.99, dueDate: '2025-06-15' },
}
const { id: _id, ...asked } = listed
const account = { ...listed, lastUpdated: '2026-11-21T09:30:00.000Z', linkId: null, version: 1 }

export const examples = {
  list: { view: { userId: 'user123', accounts: [listed] } },
  read: { view: account },
  add: { body: asked, view: account },
  change: { body: { balance: 900 }, view: { ...account, balance: 900, version: 2 } },
  netWorth: {
    view: { userId: 'user123', currencies: [{ currency: 'USD', assets: 3400, debts: 9200.45, net: -5800.45, accounts: 3 }] }, // prettier-ignore
  },
}

/** An account among the others of its user. */
export const toListedAccount = (account: LinkedAccount) => ({
  id: account._id,
  type: account.type,
  provider: account.provider,
  accountName: account.accountName,
  balance: toWireAmount(account.balanceMinor, account.currency),
  currency: account.currency,
  details: toWireDetails(account.details, account),
})

export const toAccountView = (account: LinkedAccount) => ({
  ...toListedAccount(account),
  lastUpdated: account.lastUpdated.toISOString(),
  linkId: account.linkId,
  version: account.version,
})

export const toWorthView = ({ currency, assetsMinor, debtsMinor, netMinor, accounts }: NetWorth) => {
  const wire = (amountMinor: bigint) => toWireAmount(amountMinor, currency)
  return { currency, assets: wire(assetsMinor), debts: wire(debtsMinor), net: wire(netMinor), accounts }
}
