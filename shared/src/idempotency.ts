import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Connection } from 'mongoose'
import { canonicalJson } from './canonicalJson.js'
import { counter } from './metrics.js'
import { defineCollection } from './mongo/collection.js'
import { insertion, type CompanionWrite } from './mongo/companion.js'
import { inTransaction, readsOn, type Tx } from './mongo/transaction.js'
import { refuse } from './refusal.js'

/** The first answer to a request, kept under its key; its body is JSON, made once for all who need it. */
export type Answer = { readonly status: number; readonly json: string }

export const answerOf = (status: number, body: unknown): Answer => ({ status, json: JSON.stringify(body ?? null) })

export type IdempotencyRow = { _id: string; fingerprint: string; status: number; body: string; createdAt: Date }

const KEPT_FOR_SECONDS = 7 * 24 * 3600

export const idempotency = defineCollection<IdempotencyRow>(
  'idempotency',
  {
    fingerprint: { type: String, required: true },
    status: { type: Number, required: true },
    body: { type: String, required: true },
    createdAt: { type: Date, required: true },
  },
  { indexes: [{ fields: { createdAt: 1 }, options: { expireAfterSeconds: KEPT_FOR_SECONDS } }] },
)

/** One request under a caller's key: the same caller, operation and key mean the same request. */
export type Claim = { readonly id: string; readonly fingerprint: string }

export const claimOf = (scope: { actor: string; operation: string; key: string }, payload: unknown): Claim => ({
  id: sha256(JSON.stringify([scope.actor, scope.operation, scope.key])),
  fingerprint: sha256(canonicalJson(payload)),
})

/** Thrown inside an effect's transaction when another request with the same key has committed. */
export class AlreadyAnswered extends Error {}

const requests = counter('idempotency_requests_total', 'Requests that carried an idempotency key', {
  result: ['new', 'replay', 'mismatch'],
})

/**
 * Answers repeats of a request with its first answer. MongoDB is the truth; Redis only answers faster. A key that is used
 * for another payload is refused.
 */
export interface AnswerBook {
  /** The answer as far as Redis knows it; not finding it says nothing. */
  recall(claim: Claim): Promise<Answer | undefined>
  /** The stored answer, or undefined when this is the first request. */
  find(claim: Claim): Promise<Answer | undefined>
  /** Tells Redis about an answer that is committed; nobody has to wait for that. */
  remember(claim: Claim, answer: Answer): void
  /** Stores a refusal, which has no effect to commit with; when a twin has answered already, that answer comes back. */
  storeRefusal(claim: Claim, answer: Answer): Promise<Answer | undefined>
}

export const createAnswerBook = (db: Connection, redis: Redis): AnswerBook => {
  const cache = createCache(redis, db.name)
  const book: AnswerBook = {
    recall: async (claim) => answerIn(await cache.get(claim.id), claim),
    find: async (claim) => answerIn(await readsOn(db).findOne(idempotency, { _id: claim.id }), claim),
    remember: (claim, answer) => {
      requests.inc({ result: 'new' })
      cache.set(toRow(claim, answer))
    },
    storeRefusal: async (claim, answer) => {
      const stored = await inTransaction(db, (tx) => tx.insertIfAbsent(idempotency, toRow(claim, answer)))
      if (!stored) return book.find(claim)
      book.remember(claim, answer)
      return undefined
    },
  }
  return book
}

const answerIn = (row: CachedRow | undefined, claim: Claim): Answer | undefined => {
  if (!row) return undefined
  requests.inc({ result: row.fingerprint === claim.fingerprint ? 'replay' : 'mismatch' })
  if (row.fingerprint !== claim.fingerprint) throw refuse('idempotency_key_reused')
  return { status: row.status, json: row.body }
}

/** Writes the answer in the transaction of the effect; throws `AlreadyAnswered` when a twin was faster. */
export const storeAnswer = async (tx: Tx, claim: Claim, answer: Answer): Promise<void> => {
  if (!(await tx.insertIfAbsent(idempotency, toRow(claim, answer)))) throw new AlreadyAnswered()
}

/** The same as data, for an effect that commits elsewhere (the ledger). */
export const answerWrite = (claim: Claim, answer: Answer): CompanionWrite =>
  insertion(idempotency, toRow(claim, answer), () => new AlreadyAnswered())

const toRow = (claim: Claim, { status, json }: Answer): IdempotencyRow => ({
  _id: claim.id,
  fingerprint: claim.fingerprint,
  status,
  body: json,
  createdAt: new Date(),
})

type CachedRow = Pick<IdempotencyRow, 'fingerprint' | 'status' | 'body'>

const CACHED_FOR_SECONDS = 24 * 3600

// Redis may be empty, away or slow: then the answer is simply not found here.
const createCache = (redis: Redis, namespace: string) => {
  const keyOf = (id: string) => `${namespace}:idempotency:${id}`
  return {
    get: async (id: string): Promise<CachedRow | undefined> => {
      const text = await redis.get(keyOf(id)).catch(() => null)
      return text === null ? undefined : (JSON.parse(text) as CachedRow)
    },
    set: ({ _id, fingerprint, status, body }: IdempotencyRow): void => {
      const text = JSON.stringify({ fingerprint, status, body } satisfies CachedRow)
      redis.set(keyOf(_id), text, 'EX', CACHED_FOR_SECONDS).catch(() => undefined)
    },
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')
