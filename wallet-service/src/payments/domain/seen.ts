import type { ProviderError, ProviderPayment } from '../provider.js'
import { asking, isFinal, stepped, withDeclined, withHistory, withLook, type Payment } from './payment.js'

/** What the provider says of a payment, and since when it has been so. */
export type Seen = {
  payment: ProviderPayment
  asOf: Date
  by: string
  /** The key of the question that this answers. */
  answers?: string
  /** Why it is answered with a no. */
  no?: ProviderError
}

/**
 * What the provider says, taken in whatever order and however often it is said: what is final stays, of the rest the
 * newest counts. What may be old and says otherwise is no news, but a reason to ask. Says it nothing new, the payment
 * comes back as it was.
 */
export const decideSeen = (before: Payment, seen: Seen, now: Date): Payment => {
  const answered = withoutAsked(before, seen, now)
  const known = withIdentity(answered, seen.payment)
  switch (weigh(before, seen)) {
    case 'news': {
      const after = withNews(known, seen, now)
      const happened = answered !== before || after.history !== before.history
      return stepped(before, happened ? withLook({ ...after, looks: 0 }, now) : after)
    }
    case 'doubt':
      return stepped(before, { ...known, lookAt: now })
    case 'known':
      return known === before ? before : stepped(before, withLook(known, now))
  }
}

/** The question is answered, and the one that was to follow it is asked. */
const withoutAsked = (before: Payment, { answers, by, no }: Seen, now: Date): Payment => {
  if (!before.asked || before.asked.key !== answers) return before
  if (no) return withDeclined(before, before.asked, no)
  const { ask, claimIds } = before.asked
  const answered: Payment = { ...before, asked: null }
  const then = ask.kind === 'create' ? ask.then : undefined
  if (!then) return answered
  const means = then.kind === 'confirm' ? { paymentMethod: then.paymentMethod } : {}
  return asking({ ...answered, ...means }, { ask: then, by, claimIds }, now)
}

const withIdentity = (payment: Payment, { id, clientSecret }: ProviderPayment): Payment => {
  const isKnown = payment.providerId !== null && (payment.clientSecret !== null || clientSecret === null)
  return isKnown ? payment : { ...payment, providerId: id, clientSecret }
}

const weigh = (before: Payment, { payment, asOf }: Seen): 'news' | 'known' | 'doubt' => {
  if (isFinal(before.status)) return 'known'
  if (isFinal(payment.status) || asOf > before.seenAt) return 'news'
  return payment.status === before.status && !isNewFailure(before, payment.lastError) ? 'known' : 'doubt'
}

const withNews = (before: Payment, { payment, asOf, by }: Seen, now: Date): Payment => {
  const { status, amountCapturableMinor, amountReceivedMinor, nextAction, lastError, cancellationReason } = payment
  const isForLoan = status === 'succeeded' && before.purpose.kind === 'loan_repayment'
  const news: Payment = {
    ...before,
    ...{ amountCapturableMinor, amountReceivedMinor, nextAction, lastError, cancellationReason },
    chargeId: payment.chargeId ?? before.chargeId,
    seenAt: asOf > before.seenAt ? asOf : before.seenAt,
    repayment: isForLoan ? { status: 'due', repaymentId: null, code: null } : before.repayment,
  }
  const failure = isNewFailure(before, lastError) ? lastError : undefined
  if (status === before.status && !failure) return news
  return withHistory(news, { status, at: now, by, note: failure ? noteOf(failure) : cancellationReason })
}

/** The provider tells of a failed attempt that was not known. */
export const isNewFailure = (before: Pick<Payment, 'lastError'>, error: ProviderError | null): error is ProviderError =>
  error !== null && (before.lastError?.chargeId !== error.chargeId || before.lastError.code !== error.code)

const noteOf = ({ code, declineCode }: ProviderError): string => declineCode ?? code
