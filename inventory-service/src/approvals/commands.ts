import type { Envelope } from '@countinghouse/shared/messaging/event'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import { writeCompanions, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { inTransaction, readsOn, type Reads, type Tx } from '@countinghouse/shared/mongo/transaction'
import { Refusal, refuse as refuseCommon } from '@countinghouse/shared/refusal'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import { decide, endUndecided, isMaker, isVisibleTo, takeBack, type Approval, type Decision } from './domain.js'
import { toApprovalClosed } from './events.js'
import { ApprovalChanged, approvalUpdate, findApproval } from './store.js'

/** A kind of document, and what becomes of one that is approved. */
export type ApprovalKind = {
  readonly name: string
  /** Does what was approved, together with what `settled` gives, in one commit; answers what it made. */
  effect(approved: Approved): Promise<string>
  /** The document as those who decide on it read it. */
  show(document: object): object
  /** What the effect can be refused with. */
  readonly refusals: readonly string[]
}

export type Approved = {
  approval: Approval
  /** What commits with the effect, when the name of what it makes is known. */
  settled(result: string): { writes: CompanionWrite[]; events: Envelope[] }
}

export type Deps = { db: Connection; now: () => Date; kinds: readonly ApprovalKind[] }
export type Reader = { userId: string; isAdmin: boolean }

/** The approval, if its reader may see it; whoever acts on it learns at least that it is closed. */
export const getApproval = async (reads: Reads, id: string, reader?: Reader): Promise<Approval> => {
  const approval = await findApproval(reads, id)
  if (!approval || (reader && !isVisibleTo(approval, reader))) throw refuse('approval_not_found', { approval_id: id })
  return approval
}

export type Word = Pick<Decision, 'verdict' | 'reason'> & { id: string; by: Reader; ifMatch: number | undefined }
export type Answer = (approval: Approval) => CompanionWrite[]

/** Takes one person's word on a document; the one that completes it lets the document take effect, or is refused. */
export const decideApproval = async (deps: Deps, word: Word, answer: Answer): Promise<Approval> => {
  for (;;) {
    const before = await getApproval(readsOn(deps.db), word.id)
    if (word.ifMatch !== undefined && word.ifMatch !== before.version) throw refuseCommon('version_conflict')
    const after = decide(before, { by: word.by.userId, verdict: word.verdict, reason: word.reason, at: deps.now() })
    try {
      return await (after.status === 'approved' ? takeEffect : record)(deps, { before, after, answer })
    } catch (error) {
      if (!(await isOvertaken(deps, before, error))) throw error
    }
  }
}

// In one commit with the word that completed it, a word may also be refused for what the effect has done.
const isOvertaken = async ({ db }: Deps, { _id, version }: Approval, error: unknown): Promise<boolean> => {
  if (error instanceof ApprovalChanged) return true
  return error instanceof Refusal && (await findApproval(readsOn(db), _id))?.version !== version
}

type Step = { before: Approval; after: Approval; answer: Answer }

const record = async ({ db }: Deps, { before, after, answer }: Step): Promise<Approval> => {
  const by = after.decisions.at(-1)?.by
  await inTransaction(db, async (tx) => {
    await writeCompanions(tx, [approvalUpdate(before, after, by), ...answer(after)])
    if (after.status !== 'pending') await addToOutbox(tx, toApprovalClosed(after))
  })
  return after
}

const takeEffect = async ({ kinds }: Deps, { before, after, answer }: Step): Promise<Approval> => {
  const kind = kinds.find(({ name }) => name === before.kind)
  if (!kind) throw new Error(`Nobody knows what a ${before.kind} does`)
  const by = after.decisions.at(-1)?.by
  const withResult = (result: string): Approval => ({ ...after, result })
  const settled = (result: string) => ({
    writes: [approvalUpdate(before, withResult(result), by), ...answer(withResult(result))],
    events: [toApprovalClosed(withResult(result))],
  })
  return withResult(await kind.effect({ approval: before, settled }))
}

/** Takes a document back that is not decided yet. */
export const withdrawApproval = async (tx: Tx, id: string, by: Reader, now: Date): Promise<Approval> => {
  const before = await getApproval(tx, id)
  if (!by.isAdmin && !isMaker(before, by.userId)) throw refuse('not_your_document', { approval_id: id })
  return endApproval(tx, before, takeBack(before, now))
}

/** Writes that an approval has ended without an effect. */
export const endApproval = async (tx: Tx, before: Approval, after: Approval): Promise<Approval> => {
  await writeCompanions(tx, [approvalUpdate(before, after)])
  await addToOutbox(tx, toApprovalClosed(after))
  return after
}

/** Ends the wait for a decision whose time has run out, unless it came at the last moment. */
export const expire = async (db: Connection, before: Approval, now: Date): Promise<void> => {
  try {
    await inTransaction(db, (tx) => endApproval(tx, before, endUndecided(before, 'expired', now)))
  } catch (error) {
    if (!(error instanceof ApprovalChanged)) throw error
  }
}
