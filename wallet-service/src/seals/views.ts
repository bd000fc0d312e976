import { Timestamp } from '@countinghouse/shared/http/fields'
import { z } from 'zod'
import type { Growth, Proof } from './commands.js'
import type { Seal } from './store.js'

export const VerifierKey = z
  .string()
  .meta({ description: 'Name, hash and Ed25519 key, as verifiers of signed notes read it' })
export const CheckpointView = z.object({
  size: z.number().int().meta({ description: 'How many blocks it covers' }),
  root: z.string().meta({ description: 'The Merkle root (RFC 6962) over their hashes, in hexadecimal' }),
  note: z.string().meta({ description: 'The signed note, as it is to be kept elsewhere' }),
  verifier_key: VerifierKey,
  signed_at: Timestamp,
})
export const ProofView = z.object({
  format: z.literal('countinghouse-ledger-proof'),
  version: z.literal(1),
  entry: z.string().meta({ description: 'The text that was hashed' }),
  index: z.number().int(),
  entry_path: z.array(z.string()),
  block: z.object({
    height: z.number().int(),
    previousHash: z.string(),
    root: z.string(),
    entryCount: z.number().int(),
    committedAt: Timestamp,
    hash: z.string(),
  }),
  block_path: z.array(z.string()),
  checkpoint: z.string(),
  verifier_key: VerifierKey,
})

export const GrowthView = z.object({
  format: z.literal('countinghouse-ledger-growth'),
  version: z.literal(1),
  from: z.string(),
  to: z.string(),
  path: z.array(z.string()),
  verifier_key: VerifierKey,
})

const verifierKey = 'countinghouse/ledger+5a1f0c3e+AZyPa0…'
const note = 'countinghouse/ledger\n120\nnz8Cq3o…=\n\n— countinghouse/ledger Wh8MPgq…=\n'
const hash = '9f3f02ab7a…'
export const examples = {
  latest: { size: 120, root: hash, note, verifier_key: verifierKey, signed_at: '2026-11-21T09:30:00.000Z' },
  key: { verifier_key: verifierKey, since: '2026-11-21T09:30:00.000Z' },
  growth: {
    format: 'countinghouse-ledger-growth',
    version: 1,
    from: note,
    to: note,
    path: [hash],
    verifier_key: verifierKey,
  },
  proof: {
    ...{ format: 'countinghouse-ledger-proof', version: 1, entry: '{"_id":"019aa3f0…"}', index: 0, entry_path: [hash] },
    block: { height: 7, previousHash: hash, root: hash, entryCount: 2, committedAt: '2026-11-21T09:30:00.000Z', hash },
    ...{ block_path: [hash, hash], checkpoint: note, verifier_key: verifierKey },
  },
}

export const toCheckpointView = ({ size, root, note, verifierKey, signedAt }: Seal) => ({
  ...{ size, root, note },
  verifier_key: verifierKey,
  signed_at: signedAt.toISOString(),
})

const hex = (hashes: readonly Buffer[]) => hashes.map((one) => one.toString('hex'))

export const toProofView = ({ entry, index, entryPath, block, blockPath, seal }: Proof) => ({
  format: 'countinghouse-ledger-proof' as const,
  version: 1 as const,
  entry,
  index,
  entry_path: hex(entryPath),
  block: { ...block, committedAt: block.committedAt.toISOString() },
  block_path: hex(blockPath),
  checkpoint: seal.note,
  verifier_key: seal.verifierKey,
})

export const toGrowthView = ({ from, to, path }: Growth) => ({
  format: 'countinghouse-ledger-growth' as const,
  version: 1 as const,
  ...{ from: from.note, to: to.note, path: hex(path) },
  verifier_key: to.verifierKey,
})
