import { Refusal } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { getPayment, isOvertaken, save, takeSeen } from '../../payments/commands.js'
import { isAbandoned, stepped, withLook, type Payment } from '../../payments/domain/payment.js'
import { feeEntry } from '../../payments/domain/receipt.js'
import { paymentUpdate } from '../../payments/store.js'
import { carryOut } from './carryOut.js'
import type { Deps } from './deps.js'
import { takeStep } from './steps.js'
import { lookAtHold } from './wallet.js'

const HOUSE = { actor: 'service:wallet-service', userId: undefined }

/** Looks at a payment of which there should be news: asks what was asked, and does what is still to be done. */
export const look = async (deps: Deps, payment: Payment): Promise<void> => {
  try {
    await act(deps, payment)
  } finally {
    await noteLook(deps, payment)
  }
}

const act = async (deps: Deps, payment: Payment): Promise<void> => {
  if (payment.asked) await carryOut(deps, payment).catch(unlessRefused)
  else if (payment.method === 'wallet') await lookAtHold(deps, payment)
  else if (payment.status === 'succeeded') await finish(deps, payment)
  else if (isAbandoned(payment, deps.now())) await abandon(deps, payment)
  else await ask(deps, payment)
}

const ask = async (deps: Deps, { _id, providerId }: Payment): Promise<void> => {
  const asOf = deps.now()
  await takeSeen(deps, _id, { payment: await deps.provider.getPayment(providerId ?? ''), asOf, by: HOUSE.actor })
}

const abandon = async (deps: Deps, { _id }: Payment): Promise<void> => {
  const step = { ask: () => ({ kind: 'cancel', reason: 'abandoned' }) as const, by: HOUSE }
  await takeStep(deps, _id, step, () => []).catch(unlessRefused)
}

const finish = async (deps: Deps, payment: Payment): Promise<void> => {
  if (payment.feeMinor === null) await bookFee(deps, payment)
  else if (payment.repayment?.status === 'due') await repay(deps, payment)
}

/** Enters what the provider kept, as soon as it tells. */
const bookFee = async (deps: Deps, before: Payment): Promise<void> => {
  const movements = before.chargeId === null ? [] : await deps.provider.movementsOf(before.chargeId)
  const received = movements.find(({ amountMinor }) => amountMinor > 0n)
  if (!received) return
  const { feeMinor } = received
  const after = next(deps, before, { feeMinor })
  if (feeMinor <= 0n) return void (await save(deps, before, after))
  const draft = feeEntry(before, feeMinor, { entryId: uuidv7(), actor: HOUSE.actor })
  await deps.ledger.submit({ drafts: [draft], companions: () => [paymentUpdate(before, after)] })
}

/** Hands the money on to the loan that it is for; what is refused there stays in the wallet. */
const repay = async (deps: Deps, before: Payment): Promise<void> => {
  const { _id: paymentId, purpose, amountReceivedMinor: amountMinor, currency } = before
  const repayment = await deps.loans.repay({ loanId: purpose.id, paymentId, amountMinor, currency })
  await save(deps, before, next(deps, before, { repayment }))
}

const next = ({ now }: Deps, before: Payment, changes: Partial<Payment>): Payment =>
  stepped(before, withLook({ ...before, ...changes, looks: 0 }, now()))

/** Without news, the next look is further off than the last. */
const noteLook = async (deps: Deps, { _id, lookAt }: Payment): Promise<void> => {
  const before = await getPayment(deps, _id)
  const now = deps.now()
  if (before.lookAt?.getTime() !== lookAt?.getTime()) return
  const after = stepped(before, withLook({ ...before, looks: before.looks + 1 }, now))
  await save(deps, before, after).catch(async (error: unknown) => {
    if (!(await isOvertaken(deps, before, error))) throw error
  })
}

const unlessRefused = (error: unknown): void => {
  if (!(error instanceof Refusal) || error.status >= 500) throw error
}
