import { faultPoint } from '@countinghouse/shared/fault'
import { counter } from '@countinghouse/shared/metrics'
import { writeCompanions, type CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { inTransaction, type Tx } from '@countinghouse/shared/mongo/transaction'
import { askAgain, fail, refusalIn, type Movement } from '../domain.js'
import { getMovement, saveMovement } from '../store.js'
import type { Outcome } from '../wallets.js'
import type { Deps } from './deps.js'
import { settle } from './settle.js'

const refused = counter('loan_movements_refused_total', 'Movements that the ledger refused', ['kind', 'code'])

/** Asks the ledger and notes what it says; throws its refusal. The companions commit with the outcome. */
export const carryOut = async (
  deps: Deps,
  movement: Movement,
  companions: (movement: Movement) => CompanionWrite[] = () => [],
): Promise<Movement> => {
  const outcome = movement.status === 'PENDING' ? await deps.wallets.enter(movement) : undefined
  faultPoint('movement:answered')
  if (outcome?.kind === 'unclear')
    deps.log.warn({ err: outcome.error, movement: movement._id }, 'The ledger has not said whether money moved')

  const noted = await inTransaction(deps.db, async (tx) => {
    const current = await note(tx, deps, movement._id, outcome)
    if (!current.refusal) await writeCompanions(tx, companions(current))
    return current
  })
  const refusal = outcome?.kind === 'refused' ? outcome.refusal : refusalIn(noted)
  if (noted.refusal && refusal) throw refusal
  return noted
}

const note = async (tx: Tx, deps: Deps, id: string, outcome: Outcome | undefined): Promise<Movement> => {
  if (outcome?.kind === 'entered') return settle(tx, deps, id, outcome.entryId)
  const movement = await getMovement(tx, id)
  if (outcome?.kind !== 'refused' || movement.status !== 'PENDING') return movement
  const failed = fail(movement, outcome.refusal, deps.now())
  if (failed.status === 'STUCK') deps.log.error({ movement: failed }, 'Money that has to move can not')
  await saveMovement(tx, failed)
  refused.inc({ kind: failed.kind, code: outcome.refusal.code })
  return failed
}

/** Asks the ledger once more, unless somebody else has done so since. */
export const askOnceMore = async (deps: Deps, { _id, attempts }: Movement): Promise<Movement | undefined> => {
  const again = await inTransaction(deps.db, async (tx) => {
    const movement = await getMovement(tx, _id)
    if (movement.askAgainAt === null || movement.attempts !== attempts) return undefined
    const asked = askAgain(movement, deps.rules.answerWithinMs, deps.now())
    await saveMovement(tx, asked)
    return asked
  })
  return again && carryOut(deps, again)
}
