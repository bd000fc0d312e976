import { isDueBy, isText, where } from '@countinghouse/shared/mongo/partial'
import { LOAN_STATUSES } from '@countinghouse/shared/contracts/loan'
import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { Schema, type SchemaDefinition } from 'mongoose'
import { refuse } from '../errors.js'
import { MOVEMENT_KINDS, MOVEMENT_STATUSES, type Movement, type MovementStatus } from './domain.js'

const part = (fields: SchemaDefinition) => new Schema(fields, { _id: false, strict: 'throw' })

const claim = part({ id: { type: String, required: true }, fingerprint: { type: String, required: true } })

const refusal = part({
  code: { type: String, required: true },
  status: { type: Number, required: true },
  message: { type: String, required: true },
})

const result = part({
  eventId: String,
  allocation: Object,
  outstandingMinor: { type: BigInt, required: true },
  loanStatus: { type: String, enum: LOAN_STATUSES, required: true },
})

export const movements = defineCollection<Movement>(
  'movements',
  {
    loanId: { type: String, required: true },
    kind: { type: String, enum: MOVEMENT_KINDS, required: true },
    subjectId: String,
    userId: { type: String, required: true },
    amountMinor: { type: BigInt, required: true },
    currency: { type: String, required: true },
    happening: Object,
    on: { type: String, required: true },
    lines: { type: [Object], required: true },
    claim: { type: claim },
    by: { type: String, required: true },
    reason: String,
    status: { type: String, enum: MOVEMENT_STATUSES, required: true },
    refusal: { type: refusal },
    entryId: String,
    result: { type: result, required: true },
    attempts: { type: Number, required: true },
    refusals: { type: Number, required: true },
    askAgainAt: Date,
    createdAt: { type: Date, required: true },
    settledAt: Date,
  },
  {
    indexes: [
      { fields: { loanId: 1, kind: 1, _id: -1 } },
      { fields: { status: 1, _id: -1 } },
      { fields: { 'claim.id': 1 }, options: { unique: true, ...where('claim.id', 'string') } },
      { fields: { askAgainAt: 1 }, options: where('askAgainAt', 'date') },
    ],
  },
)

export const findMovement = (reads: Reads, id: string) => reads.findOne(movements, { _id: id })

export const getMovement = async (reads: Reads, id: string): Promise<Movement> => {
  const movement = await findMovement(reads, id)
  if (!movement) throw refuse('movement_not_found', { movement_id: id })
  return movement
}

export const findClaimed = (reads: Reads, claimId: string) => reads.findOne(movements, { 'claim.id': isText(claimId) })

/** What is on its way to a loan or from it, or still has to move, oldest first. */
export const findPending = (reads: Reads, loanId: string): Promise<Movement[]> =>
  reads.find(movements, { loanId, status: { $in: ['PENDING', 'STUCK'] } }, { sort: { _id: 1 } })

/** What the ledger should be asked again for, the longest silent first. */
export const findUnsettled = (reads: Reads, now: Date, limit: number): Promise<Movement[]> =>
  reads.find(movements, { askAgainAt: isDueBy(now) }, { sort: { askAgainAt: 1 }, limit })

/** What undid these, or is about to. */
export const findUndoing = (reads: Reads, loanId: string, subjectIds: readonly string[]): Promise<Movement[]> =>
  reads.find(movements, {
    loanId,
    kind: 'repayment-reversal',
    subjectId: { $in: [...subjectIds] },
    status: { $in: ['PENDING', 'COMPLETED'] },
  })

type At = { page: number; page_size: number }

export const listRepayments = async (reads: Reads, loanId: string, at: At): Promise<Page<Movement>> => {
  const query = { loanId, kind: 'repayment' } as const
  const found = await reads.find(movements, query, { sort: { _id: -1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(movements, query), at)
}

export const listMovements = async (reads: Reads, status: MovementStatus, at: At): Promise<Page<Movement>> => {
  const found = await reads.find(movements, { status }, { sort: { _id: -1 }, ...rangeOf(at) })
  return new Page(found, await reads.count(movements, { status }), at)
}

export const insertMovement = (tx: Tx, movement: Movement): Promise<void> => tx.insert(movements, movement)

export const saveMovement = (tx: Tx, movement: Movement): Promise<void> => tx.replace(movements, movement)
