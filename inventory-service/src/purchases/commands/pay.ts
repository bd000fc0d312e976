import { untilUnchanged } from '../../overtaken.js'
import type { CompanionWrite } from '@countinghouse/shared/mongo/companion'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { withSettlement } from '../domain/books.js'
import { pay, type Payment } from '../domain/paying.js'
import type { Purchase } from '../domain/purchase.js'
import * as events from '../events.js'
import { paymentInsertion } from '../store.js'
import { getForStep, takeStep, type Deps, type Step, type Taken } from './deps.js'

export type AskedPayment = Pick<Payment, 'kind' | 'outcome' | 'amountMinor' | 'method' | 'reference' | 'reason'>
export type Paid = { purchase: Purchase; payment: Payment }

/** Records money that went to the supplier, or came back, or an attempt that failed. */
export const recordPayment = (
  deps: Deps,
  step: Step,
  asked: AskedPayment,
  answer: (paid: Paid) => CompanionWrite[],
): Promise<Paid> =>
  untilUnchanged(async () => {
    const before = await getForStep(deps, step)
    const paid = paidBy(deps, before, step, asked)
    const also = { writes: [paymentInsertion(paid.payment)], events: [] }
    const outcome = (): Taken => ({ purchase: paid.purchase, events: () => eventsOf(before, paid) })
    await takeStep(deps, before, { step: stepOf(paid), by: step.by, outcome, also }, () => answer(paid))
    return paid
  })

/** What a payment would do. */
export const previewPayment = async (deps: Deps, step: Step, asked: AskedPayment): Promise<Paid> =>
  paidBy(deps, await getForStep(deps, step), step, asked)

const paidBy = ({ now, approvalRules }: Deps, before: Purchase, { by }: Step, asked: AskedPayment): Paid => {
  const at = now()
  const made = { _id: uuidv7(at.getTime()), day: approvalRules.dayOf(at), createdBy: by.userId, createdAt: at }
  return pay(before, { ...asked, ...made })
}

const stepOf = ({ payment: { kind, sequence } }: Paid): string =>
  `${kind === 'payment' ? 'paid' : 'refunded'}:${sequence.toString()}`

const eventsOf = (before: Purchase, paid: Paid) => {
  const { purchase, payment } = paid
  const sides = withSettlement(before, purchase, {
    [payment.method === 'cash' ? 'cash' : 'bank']: before.paidMinor - purchase.paidMinor,
  })
  const description = `${payment.kind === 'payment' ? 'Payment' : 'Refund'} of purchase ${purchase._id}`
  return [events.paid(purchase, payment), ...events.bookEntries(purchase, { step: stepOf(paid), sides, description })]
}
