import { Refusal } from '@countinghouse/shared/refusal'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { refuse } from '../../errors.js'
import { isOvertaken, save, type Companions } from '../../payments/commands.js'
import { decideAsk, isSameAsk, joining, type Ask, type Payment } from '../../payments/domain/payment.js'
import { findPayment } from '../../payments/store.js'
import { carryOut, carryOutFor } from './carryOut.js'
import type { Asker, Deps } from './deps.js'
import { cancelHeld, captureHeld, payByWallet } from './wallet.js'

/** The payment, if it is the asker's. */
export const getVisible = async (
  { db }: Pick<Deps, 'db'>,
  id: string,
  userId: string | undefined,
): Promise<Payment> => {
  const payment = await findPayment(readsOn(db), id)
  if (!payment || (userId !== undefined && payment.ownerId !== userId))
    throw refuse('payment_not_found', { payment_id: id })
  return payment
}

/** A step as a request asks for it: what it is may depend on how the payment stands. */
export type AskedStep = { ask: (payment: Payment) => Ask; by: Asker; claimId?: string | undefined }

/** Takes a step at the provider, or in the payer's own wallet. */
export const takeStep = async (
  deps: Deps,
  id: string,
  { ask, by, claimId }: AskedStep,
  companions: Companions,
): Promise<Payment> => {
  for (;;) {
    const before = await getVisible(deps, id, by.userId)
    // What an earlier try of this request asked for is answered, or will be.
    if (claimId !== undefined && before.stepClaims.includes(claimId))
      return carryOutFor(deps, before, claimId, companions)
    if (before.method === 'wallet') return stepInWallet(deps, before, { ask: ask(before), by }, companions)
    const { asked } = before
    const step = { ask: ask(before), by: by.actor, claimId }
    const isSame = asked !== null && isSameAsk(asked.ask, step.ask)
    if (asked && !isSame) {
      await carryOut(deps, before).catch(unlessDeclined)
      continue
    }
    const after = isSame ? joining(before, asked, claimId) : decideAsk(before, step, deps.now())
    try {
      await save(deps, before, after)
    } catch (error) {
      if (await isOvertaken(deps, before, error)) continue
      throw error
    }
    return carryOut(deps, after, companions)
  }
}

// That an earlier question was answered with a no is no reason against this one.
const unlessDeclined = (error: unknown): void => {
  if (!(error instanceof Refusal) || error.code !== 'payment_declined') throw error
}

const stepInWallet = (
  deps: Deps,
  payment: Payment,
  { ask, by }: { ask: Ask; by: Asker },
  companions: Companions,
): Promise<Payment> => {
  switch (ask.kind) {
    case 'capture':
      return captureHeld(deps, payment, { ask, by }, companions)
    case 'cancel':
      return cancelHeld(deps, payment, { ask, by }, companions)
    case 'confirm':
    case 'create':
      return payByWallet(deps, payment, by, companions)
  }
}
