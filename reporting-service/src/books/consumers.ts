import { ledgerEntryPosted } from '@countinghouse/shared/contracts/wallet'
import { project, type Projector } from '@countinghouse/shared/messaging/projector'
import { noteEntry } from './commands.js'

export const bookProjectors: readonly Projector[] = [
  project(ledgerEntryPosted, (tx, { entry_id, kind, reference, postings, posted_at }) =>
    noteEntry(tx, {
      ...{ _id: entry_id, kind, about: reference.kind, document: reference.id, at: new Date(posted_at) },
      postings: postings.map(({ account_id, side, amount_minor, currency }) => ({
        ...{ account: account_id, side, currency },
        amountMinor: amount_minor,
      })),
    }),
  ),
]
