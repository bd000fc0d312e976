import type { Page } from '@countinghouse/shared/http/page'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import { writeCompanions, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { acquireLease } from '@countinghouse/shared/mongo/lease'
import { inTransaction, readsOn } from '@countinghouse/shared/mongo/transaction'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import type { Connection } from 'mongoose'
import { refuse } from '../errors.js'
import { assertAlike, type DuplicateKind, type Finding, type Suspicion } from './domain.js'
import { resolved } from './events.js'
import { findAlike, findFindings, findingInsertion, listSuspicions, type Source } from './store.js'

/** Who takes an entry back, why, and how what was paid for it is paid back. */
export type Removal = { by: string; reason: string; method: 'cash' | 'bank' }

export type DuplicateSource = Source & {
  /** Takes one back, with all that it did. Whatever of it is done already is left alone, so that it can be asked again. */
  remove(id: string, removal: Removal): Promise<void>
}

export type Deps = { db: Connection; now: () => Date; timeZone: string; sources: readonly DuplicateSource[] }

export type Asked = {
  kind: DuplicateKind | undefined
  period: { from?: Date; before?: Date }
  at: { page: number; page_size: number }
}

/** What looks as if it had been entered twice, and nobody has looked into. */
export const findSuspicions = (deps: Deps, { kind, period, at }: Asked): Promise<Page<Suspicion>> => {
  const { db, timeZone, sources } = deps
  const createdAt = { ...(period.from && { $gte: period.from }), ...(period.before && { $lt: period.before }) }
  const among = Object.keys(createdAt).length > 0 ? { createdAt } : {}
  return listSuspicions(readsOn(db), kind ? [sourceOf(deps, kind)] : sources, { among, timeZone }, at)
}

export type Verdict = { kind: DuplicateKind; ids: readonly string[]; by: string; reason: string }

/** Says that entries which look alike are none the less several. */
export const dismiss = (deps: Deps, verdict: Verdict, answer: Answer): Promise<Finding> =>
  conclude(deps, verdict, null, answer)

/** Takes back the one that is too many, and notes who did so and why. */
export const removeTwin = async (
  deps: Deps,
  { method, remove, ...verdict }: Verdict & { remove: string; method: Removal['method'] },
  answer: Answer,
): Promise<Finding> => {
  const source = sourceOf(deps, verdict.kind)
  const lease = await acquireLease(deps.db, `duplicate-${remove}`, LEASE_TTL_MS)
  if (!lease) throw refuseCommon('busy')
  try {
    await assertStillAlike(deps, source, verdict.ids, remove)
    await source.remove(remove, { by: verdict.by, reason: verdict.reason, method })
    return await note(deps, verdict, remove, answer)
  } finally {
    await lease.release()
  }
}

const LEASE_TTL_MS = 60_000

type Answer = (finding: Finding) => CompanionWrite[]

const conclude = async (deps: Deps, verdict: Verdict, removed: null, answer: Answer): Promise<Finding> => {
  await assertStillAlike(deps, sourceOf(deps, verdict.kind), verdict.ids)
  return note(deps, verdict, removed, answer)
}

const note = async ({ db, now }: Deps, verdict: Verdict, removed: string | null, answer: Answer): Promise<Finding> => {
  const { kind, ids, reason, by } = verdict
  const outcome = removed === null ? 'dismissed' : 'removed'
  const finding: Finding = { _id: uuidv7(), kind, outcome, ids: [...ids], removed, reason, by, at: now() }
  await inTransaction(db, async (tx) => {
    await writeCompanions(tx, [...answer(finding), findingInsertion(finding)])
    await addToOutbox(tx, resolved(finding))
  })
  return finding
}

const sourceOf = ({ sources }: Deps, kind: DuplicateKind): DuplicateSource => {
  const source = sources.find((one) => one.kind === kind)
  if (!source) throw new Error(`Nobody knows where to look for a ${kind}`)
  return source
}

// One that is half taken back is no longer like the others, and is asked for again all the same.
const assertStillAlike = async ({ db, timeZone }: Deps, source: Source, ids: readonly string[], remove?: string) => {
  const known = await findFindings(readsOn(db), source.kind, ids)
  if (known.some(({ removed }) => removed !== null && removed === remove)) throw refuse('not_alike', { ids })
  const all = { ...source, match: {} }
  assertAlike(await findAlike(readsOn(db), all, { among: { _id: { $in: [...ids] } }, timeZone }), ids, remove)
}
