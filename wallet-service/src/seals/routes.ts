import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, Timestamp } from '@countinghouse/shared/http/fields'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { refuse } from '../errors.js'
import { prove, proveGrowth, type Deps } from './commands.js'
import { findLastSeal, listVerifierKeys } from './store.js'
import {
  CheckpointView,
  GrowthView,
  ProofView,
  VerifierKey,
  examples,
  toCheckpointView,
  toGrowthView,
  toProofView,
} from './views.js'

export const sealEndpoints = (deps: Deps) => [
  endpoint({
    method: 'get',
    path: '/ledger/checkpoints/latest',
    summary: 'The last signed checkpoint of the books, for whoever notes it elsewhere',
    tag: 'Ledger',
    access: 'public',
    view: CheckpointView,
    refusals: ['checkpoint_not_found'],
    example: { view: examples.latest },
    handle: async () => {
      const last = await findLastSeal(readsOn(deps.db))
      if (!last) throw refuse('checkpoint_not_found')
      return toCheckpointView(last)
    },
  }),
  endpoint({
    method: 'get',
    path: '/ledger/checkpoints/keys',
    summary: 'The public keys that checkpoints are signed with, the newest first',
    tag: 'Ledger',
    access: 'public',
    view: z.object({ keys: z.array(z.object({ verifier_key: VerifierKey, since: Timestamp })) }),
    example: { view: { keys: [examples.key] } },
    handle: async () => {
      const keys = await listVerifierKeys(readsOn(deps.db))
      return { keys: keys.map(({ _id, since }) => ({ verifier_key: _id, since: since.toISOString() })) }
    },
  }),
  endpoint({
    method: 'get',
    path: '/ledger/entries/:id/proof',
    reads: { data: 'financial', of: 'entry' },
    summary: 'Prove that an entry is under a signed checkpoint; check it with `npm run ledger:verify-proof`',
    tag: 'Ledger',
    access: ['admin'],
    params: z.object({ id: Id }),
    view: ProofView,
    refusals: ['entry_not_found'],
    example: { view: examples.proof },
    handle: async ({ params: { id } }) => toProofView(await prove(deps, id)),
  }),
  endpoint({
    method: 'get',
    path: '/ledger/checkpoints/:size/growth',
    summary: 'Prove that the last checkpoint goes on from an earlier one; check it with `npm run ledger:verify-proof`',
    tag: 'Ledger',
    access: ['admin'],
    params: z.object({ size: z.coerce.number().int().min(1) }),
    view: GrowthView,
    refusals: ['checkpoint_not_found'],
    example: { view: examples.growth },
    handle: async ({ params: { size } }) => toGrowthView(await proveGrowth(deps, size)),
  }),
]
