import { DocumentName, DocumentStep } from '@countinghouse/shared/contracts/books'
import { Id, UnreadAmount, text } from '@countinghouse/shared/http/fields'
import { z } from 'zod'
import { EntryView, entryExample } from '../ledger/entryView.js'
import { WalletView } from '../ledger/walletView.js'

const Currency = z.string().regex(/^[A-Z]{3}$/)
type NamedAccount = { account_id?: unknown; user_id?: unknown; currency?: unknown }
const namesOneAccount = ({ account_id, user_id, currency }: NamedAccount): boolean =>
  [user_id, currency].filter((part) => part !== undefined).length === (account_id === undefined ? 2 : 0)

const Leg = z
  .strictObject({
    account_id: Id.optional().meta({ description: 'A wallet, or `house:<account>:<currency>`' }),
    user_id: Id.optional().meta({ description: 'Whose wallet, where its id is not known; with `currency`' }),
    currency: Currency.optional(),
    side: z.enum(['debit', 'credit']),
    amount: UnreadAmount,
  })
  .refine(namesOneAccount, 'name the account by account_id, or the wallet by user_id and currency')

export const EntryBody = z.strictObject({
  postings: z.array(Leg).min(2).max(50),
  description: text(500),
  reference: z
    .strictObject(DocumentName.shape)
    .optional()
    .meta({ description: 'The document it is for; from services' }),
  key: DocumentStep.optional().meta({
    description: 'The step of the document that is entered once for ever; with `reference`',
  }),
})

export const EnteredView = EntryView.extend({ wallets: z.array(WalletView) })

export const example = {
  body: {
    postings: [
      { account_id: 'house:write_offs:USD', side: 'debit', amount: 100 },
      { account_id: 'house:receivables:USD', side: 'credit', amount: 60 },
      { account_id: 'house:fees_receivable:USD', side: 'credit', amount: 40 },
    ],
    description: 'Customer CUST-001 is insolvent',
  },
  view: {
    ...entryExample,
    key: `hand:${entryExample.id}`,
    kind: 'manual',
    reference: { kind: 'manual', id: entryExample.id },
    description: 'Customer CUST-001 is insolvent',
    postings: [
      { account_id: 'house:write_offs:USD', side: 'debit', amount: 100, currency: 'USD', balance_after: 100 },
      { account_id: 'house:receivables:USD', side: 'credit', amount: 60, currency: 'USD', balance_after: 340 },
      { account_id: 'house:fees_receivable:USD', side: 'credit', amount: 40, currency: 'USD', balance_after: 0 },
    ],
    wallets: [],
  },
}
