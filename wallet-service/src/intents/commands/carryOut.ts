import { faultPoint } from '@countinghouse/shared/fault'
import { commitCompanions } from '@countinghouse/shared/mongo/companion'
import type { Refusal } from '@countinghouse/shared/refusal'
import { refuse } from '../../errors.js'
import { getPayment, isOvertaken, noCompanions, save, takeSeen, type Companions } from '../../payments/commands.js'
import {
  declinedFor,
  stepped,
  withDeclined,
  withHistory,
  withLook,
  type Ask,
  type Asked,
  type Payment,
} from '../../payments/domain/payment.js'
import {
  ProviderRefused,
  type PaymentProvider,
  type ProviderError,
  type ProviderPayment,
} from '../../payments/provider.js'
import type { Deps } from './deps.js'

/**
 * Asks the provider what a payment has to ask, and takes the answer. Between the two the process may die: the question
 * is recorded with its key, and whoever comes next asks it again and is told the same.
 */
export const carryOut = async (
  deps: Deps,
  payment: Payment,
  companions: Companions = noCompanions,
): Promise<Payment> => {
  if (!payment.asked) {
    await commitCompanions(deps.db, companions(payment))
    return payment
  }
  const lastly: Companions = (after) => (after.asked ? [] : companions(after))
  let current = payment
  while (current.asked) current = await ask(deps, current, current.asked, lastly)
  return current
}

const ask = async (deps: Deps, payment: Payment, asked: Asked, companions: Companions): Promise<Payment> => {
  const asOf = deps.now()
  faultPoint('payment:asked')
  try {
    const answer = await question(deps.provider, payment, asked)
    faultPoint('payment:answered')
    const seen = { payment: answer, asOf, by: asked.by, answers: asked.key }
    return await takeSeen(deps, payment._id, seen, companions)
  } catch (error) {
    if (!(error instanceof ProviderRefused)) throw error
    await noteRefusal(deps, payment, asked, error)
    throw declinedBy(payment, error.error)
  }
}

/** Goes on for a request whose question may have been answered already, and answers it as that was. */
export const carryOutFor = async (
  deps: Deps,
  payment: Payment,
  claimId: string | undefined,
  companions: Companions,
): Promise<Payment> => {
  const no = claimId === undefined ? undefined : declinedFor(payment, claimId)
  if (no) throw declinedBy(payment, no)
  return carryOut(deps, payment, companions)
}

/** What a request is told whose question the provider answered with a no. */
const declinedBy = ({ _id }: Payment, { code, declineCode, message }: ProviderError): Refusal =>
  refuse('payment_declined', { payment_id: _id, reason: message, provider_code: code, decline_code: declineCode })

// Parallel repeats of one request share one question.
const asking = new Map<string, Promise<ProviderPayment>>()

const question = (provider: PaymentProvider, payment: Payment, { ask, key }: Asked): Promise<ProviderPayment> => {
  const shared = asking.get(key) ?? put(provider, payment, ask, key).finally(() => asking.delete(key))
  asking.set(key, shared)
  return shared
}

const put = (provider: PaymentProvider, payment: Payment, ask: Ask, key: string): Promise<ProviderPayment> => {
  const id = payment.providerId ?? ''
  switch (ask.kind) {
    case 'create':
      return provider.createPayment({ ...payment, paymentId: payment._id }, key)
    case 'confirm':
      return provider.confirmPayment(id, ask, key)
    case 'capture':
      return provider.capturePayment(id, ask.amountMinor, key)
    case 'cancel':
      return provider.cancelPayment(id, ask.reason, key)
  }
}

/** What the provider refused will not be asked again; what it says of the payment counts all the same. */
const noteRefusal = async (deps: Deps, { _id }: Payment, asked: Asked, refused: ProviderRefused): Promise<void> => {
  const { by, key } = asked
  if (refused.payment) {
    await takeSeen(deps, _id, { payment: refused.payment, asOf: deps.now(), by, answers: key, no: refused.error })
    return
  }
  for (;;) {
    const before = await getPayment(deps, _id)
    if (before.asked?.key !== key) return
    try {
      await save(deps, before, withoutQuestion(before, before.asked, refused, deps.now()))
      return
    } catch (error) {
      if (!(await isOvertaken(deps, before, error))) throw error
    }
  }
}

const withoutQuestion = (before: Payment, asked: Asked, { error }: ProviderRefused, now: Date): Payment => {
  const { ask, by } = asked
  const after = withDeclined(before, asked, error)
  if (ask.kind !== 'create') return stepped(before, { ...withLook(after, now), lookAt: now })
  const ended = withHistory(after, { status: 'canceled', at: now, by, note: error.code })
  return stepped(before, withLook({ ...ended, cancellationReason: 'refused_by_provider', lastError: error }, now))
}
