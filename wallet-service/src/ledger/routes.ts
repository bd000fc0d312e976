import { endpoint } from '@countinghouse/shared/http/endpoint'
import { feedQuery } from '@countinghouse/shared/http/fields'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { EntryView, entryExample, toEntryView } from './entryView.js'
import { listEntries, placeOfCursor } from './feed.js'

export const ledgerEndpoints = ({ db }: { db: Connection }) => [
  endpoint({
    method: 'get',
    path: '/ledger/entries',
    summary: 'Read the journal, newest first',
    tag: 'Ledger',
    access: ['admin'],
    query: z.object({
      ...feedQuery,
      reference_id: z.string().max(128).optional(),
      account_id: z.string().max(128).optional(),
    }),
    view: EntryView,
    list: true,
    example: { view: [entryExample] },
    handle: async ({ query: { cursor, ...filter } }) =>
      (await listEntries(readsOn(db), { ...filter, before: placeOfCursor(cursor) })).map(toEntryView),
  }),
]
