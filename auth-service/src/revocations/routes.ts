import { REVOCATIONS_PATH, RevocationPage } from '@countinghouse/shared/contracts/revocation'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { earliestIdAt, toNotice } from './domain.js'
import { listRevocations } from './store.js'

export type Deps = { db: Connection; now: () => Date }

const PAGE_SIZE = 1_000
// A transaction that takes its id now may commit later, but not that much later.
const OVERLAP_MS = 60_000

const example = {
  id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11',
  kind: 'session',
  subject: '019aa3e1-2f60-7a0c-8d1e-6c1b0a9f8e77',
  expires_at: '2026-11-21T10:31:00.000Z',
}

export const revocationEndpoints = ({ db, now }: Deps) => [
  endpoint({
    method: 'get',
    path: REVOCATIONS_PATH,
    summary: 'Whose tokens are to be refused before their end; from `next` on, what is new and some that is not',
    tag: 'Keys',
    access: ['service'],
    headers: { 'Cache-Control': 'no-store' },
    query: z.object({ after: z.string().max(64).default('') }),
    view: RevocationPage,
    example: { view: { revocations: [example], next: '019aa3ef-91be-7000-8000-000000000000', more: false } },
    handle: async ({ query: { after } }) => {
      const overlapFrom = earliestIdAt(now().getTime() - OVERLAP_MS)
      const found = await listRevocations(readsOn(db), after, PAGE_SIZE)
      const last = found.length === PAGE_SIZE ? found.at(-1) : undefined
      return { revocations: found.map(toNotice), next: last?._id ?? overlapFrom, more: last !== undefined }
    },
  }),
]
