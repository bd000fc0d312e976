import { addToOutbox, announcements } from '@countinghouse/shared/messaging/outbox'
import { writeCompanions, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { inTransaction, readsOn, type Tx } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import { endApproval } from './commands.js'
import { endUndecided, isMaker, openApproval, statusOf, takeBack, type Approval, type ApprovalRules } from './domain.js'
import { toApprovalClosed, toApprovalOpened } from './events.js'
import {
  ApprovalChanged,
  TallyExceeded,
  approvalInsertion,
  approvalUpdate,
  findApproval,
  findPendingOf,
  tallyOf,
  tallyUpdate,
} from './store.js'

export type GateDeps = { db: Connection; now: () => Date; approvalRules: ApprovalRules }

/** A document that somebody wants to take effect. */
export type Submission = {
  /** `sale`, `purchase`: the name under which its effect is registered. */
  kind: string
  amountMinor: bigint
  maker: { userId: string; isAdmin: boolean }
  /** Who wrote it with the maker, and has no say in it either. */
  alsoBy?: readonly string[]
  party: { id: string; name: string } | null
  /** What passes for one party on one day counts together. */
  addsUp?: boolean
  /** All that the effect needs, in what MongoDB stores: bigints and dates stay what they are. */
  document: object
  /** What is there already and waits for this: of each there is one pending approval. */
  subjectId?: string | undefined
  /** The pending approval whose document this one takes the place of. */
  replaces?: string | undefined
  /** The stored answer, should it have to wait. */
  answer(approval: Approval): CompanionWrite[]
}

/**
 * Lets a document take effect at once, or puts it before those who approve: `act` is called with writes that must commit
 * with the effect, unless the amount is above the threshold. Answers what `act` answers, or the approval that waits.
 */
export const gate = async <Done>(
  deps: GateDeps,
  submission: Submission,
  act: (writes: CompanionWrite[]) => Promise<Done>,
): Promise<Done | WaitsForApproval> => {
  for (;;) {
    const replaced = await findReplaced(deps, submission)
    const voided = replaced && takeBack(replaced, deps.now())
    const voiding =
      replaced && voided ? [approvalUpdate(replaced, voided), ...announcements([toApprovalClosed(voided)])] : []
    const passing = await passageOf(deps, submission)
    try {
      return passing ? await act([...passing, ...voiding]) : await open(deps, submission, voided, voiding)
    } catch (error) {
      // Somebody was faster: what passed, or was decided, in the meantime counts.
      if (!(error instanceof TallyExceeded || error instanceof ApprovalChanged)) throw error
    }
  }
}

export class WaitsForApproval {
  constructor(readonly approval: Approval) {}
}

const findReplaced = async ({ db }: GateDeps, { replaces, kind, maker }: Submission): Promise<Approval | undefined> => {
  if (replaces === undefined) return undefined
  const found = await findApproval(readsOn(db), replaces)
  if (found?.kind !== kind || !(maker.isAdmin || isMaker(found, maker.userId)))
    throw refuse('approval_not_found', { approval_id: replaces })
  return found
}

/** The writes that let it pass without approval; undefined when it may not. */
const passageOf = async (deps: GateDeps, submission: Submission): Promise<CompanionWrite[] | undefined> => {
  const { amountMinor, kind, party, addsUp = false } = submission
  const { thresholdMinor, dayOf } = deps.approvalRules
  if (amountMinor > thresholdMinor) return undefined
  if (!addsUp || !party) return []
  const now = deps.now()
  const day = dayOf(now)
  const id = `${kind}:${party.id}:${day}`
  const tally = await tallyOf(deps.db, id, day, now)
  return tally.amountMinor + amountMinor > thresholdMinor ? undefined : [tallyUpdate(id, amountMinor, thresholdMinor)]
}

const open = async (
  { db, now, approvalRules }: GateDeps,
  { kind, document, party, amountMinor, subjectId, maker, alsoBy = [], answer }: Submission,
  voided: Approval | undefined,
  voiding: CompanionWrite[],
): Promise<WaitsForApproval> => {
  const at = now()
  const makers = [...new Set([...(voided?.makers ?? []), maker.userId, ...alsoBy])]
  const draft = { kind, subjectId: subjectId ?? null, document, party, amountMinor, makers }
  const approval = openApproval({ _id: uuidv7(), ...draft, replaces: voided?._id ?? null }, approvalRules, at)
  await inTransaction(db, async (tx) => {
    await writeCompanions(tx, voiding)
    if (subjectId !== undefined) await endLapsed(tx, { kind, subjectId, at })
    await writeCompanions(tx, [approvalInsertion(approval), ...answer(approval)])
    await addToOutbox(tx, toApprovalOpened(approval))
  })
  return new WaitsForApproval(approval)
}

/** Of a subject only one approval is pending: one whose time is over makes room, another stands in the way. */
const endLapsed = async (tx: Tx, { kind, subjectId, at }: { kind: string; subjectId: string; at: Date }) => {
  const earlier = await findPendingOf(tx, kind, subjectId)
  if (!earlier) return
  if (statusOf(earlier, at) === 'pending') throw refuse('approval_pending', { approval_id: earlier._id })
  await endApproval(tx, earlier, endUndecided(earlier, 'expired', at))
}
