import { endpoint } from '@countinghouse/shared/http/endpoint'
import { feedQuery } from '@countinghouse/shared/http/fields'
import { invalidAt } from '@countinghouse/shared/http/problem'
import { readsOn, type Reads } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { refuse } from '../errors.js'
import { parseHouseAccountId } from './chart.js'
import { EntryView, entryExample, toEntryView } from './entryView.js'
import { listEntries, placeOfCursor } from './feed.js'
import { findWallet } from './store.js'

export const ledgerEndpoints = ({ db }: { db: Connection }) => [
  endpoint({
    method: 'get',
    path: '/ledger/entries',
    reads: { data: 'financial', of: 'entry' },
    summary: 'Read the journal, newest first',
    tag: 'Ledger',
    access: ['admin', 'service'],
    query: z.object({
      ...feedQuery,
      reference_kind: z.string().max(128).optional(),
      reference_id: z.string().max(128).optional(),
      account_id: z.string().max(128).optional(),
    }),
    view: EntryView,
    list: true,
    refusals: ['account_not_found'],
    example: { view: [entryExample] },
    handle: async ({ query: { cursor, ...filter } }) => {
      await refuseUnanswerable(readsOn(db), filter)
      return (await listEntries(readsOn(db), { ...filter, before: placeOfCursor(cursor) })).map(toEntryView)
    },
  }),
]

type Asked = { reference_kind?: string | undefined; reference_id?: string | undefined; account_id?: string | undefined }

/** A question that nothing can answer is refused: an empty list would say that there is nothing. */
const refuseUnanswerable = async (reads: Reads, { reference_kind, reference_id, account_id }: Asked): Promise<void> => {
  if (reference_kind !== undefined && reference_id === undefined)
    throw invalidAt(['query', 'reference_id'], 'field required', 'value_error.missing')
  if (account_id === undefined || parseHouseAccountId(account_id)) return
  if (!(await findWallet(reads, account_id))) throw refuse('account_not_found', { account_id })
}
