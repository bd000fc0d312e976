import type { Connection } from 'mongoose'
import {
  AlreadyAnswered,
  answerWrite,
  idempotency,
  storeAnswer,
  type Answer,
  type AnswerBook,
  type Claim,
} from '../idempotency.js'
import { forLatest } from '../latest.js'
import type { CompanionWrite } from '../mongo/companion.js'
import { inTransaction, type Tx } from '../mongo/transaction.js'
import { Refusal, refuse } from '../refusal.js'
import { Settled } from './endpoint.js'

export type SettleOptions = {
  db: Connection
  answers: AnswerBook
  claim: Claim | undefined
  toAnswer: (view: unknown) => Answer
  /** What a refusal looks like as a stored answer. */
  toRefusedAnswer: (refusal: Refusal) => Answer
}

/** The two ways in which a request's effect and its answer become one; see `EndpointRequest`. */
export const settler = (options: SettleOptions) => ({
  once: (effect: (tx: Tx) => Promise<unknown>): Promise<Settled> =>
    settle(options, () => inTransaction(options.db, (tx) => answerInside(tx, options, effect))),

  answering: (effect: (answerWrites: (view: unknown) => CompanionWrite[]) => Promise<unknown>): Promise<Settled> => {
    const { claim } = options
    // What is stored and what is sent are one view as a rule, and then need not be made twice.
    const toAnswer = forLatest(options.toAnswer)
    const answerWrites = (view: unknown) => (claim ? [answerWrite(claim, toAnswer(view))] : [])
    return settle(options, async () => toAnswer(await effect(answerWrites)))
  },
})

const answerInside = async (
  tx: Tx,
  { claim, toAnswer }: SettleOptions,
  effect: (tx: Tx) => Promise<unknown>,
): Promise<Answer> => {
  // A twin that committed is noticed before the effect, which would otherwise be refused for what the twin did.
  if (claim && (await tx.findOne(idempotency, { _id: claim.id }))) throw new AlreadyAnswered()
  const answer = toAnswer(await effect(tx))
  if (claim) await storeAnswer(tx, claim, answer)
  return answer
}

const settle = async (options: SettleOptions, act: () => Promise<Answer>): Promise<Settled> => {
  const { claim, answers } = options
  // A repeat that Redis does not know is noticed where the answer would be stored twice.
  const earlier = claim && (await answers.recall(claim))
  if (earlier) return replay(earlier)
  try {
    const answer = await act()
    if (claim) answers.remember(claim, answer)
    return new Settled(answer, false)
  } catch (error) {
    if (claim) return await settleFailure(options, claim, error)
    throw error
  }
}

const settleFailure = async (options: SettleOptions, claim: Claim, error: unknown): Promise<Settled> => {
  if (error instanceof Refusal && error.code === 'busy') throw refuse('idempotency_in_progress')
  if (error instanceof Refusal && isDeterministic(error)) {
    const standing = await options.answers.storeRefusal(claim, options.toRefusedAnswer(error))
    if (standing) return replay(standing)
  }
  const twin = error instanceof AlreadyAnswered ? await options.answers.find(claim) : undefined
  if (twin) return replay(twin)
  throw error
}

const replay = (answer: Answer): Settled => new Settled(answer, true)

const NEVER_STORED = new Set([401, 403, 429])
// That a key is another payload's says nothing about the payload that it is for.
const isDeterministic = ({ status, code }: Refusal): boolean =>
  status < 500 && !NEVER_STORED.has(status) && code !== 'idempotency_key_reused'
