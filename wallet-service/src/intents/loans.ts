import type { ServiceClient } from '@countinghouse/shared/http/client'
import { formatAmount } from '@countinghouse/shared/money'
import { Refusal, refuse } from '@countinghouse/shared/refusal'
import { z } from 'zod'
import type { Repayment } from '../payments/domain/payment.js'

/** loan-service, as far as payments are for loans. */
export interface Loans {
  /** Refuses a loan that the caller does not see. */
  assertVisible(loanId: string, authorization: string | undefined): Promise<void>
  /** Repays out of the borrower's wallet, once for the payment; throws when loan-service does not answer. */
  repay(order: { loanId: string; paymentId: string; amountMinor: bigint; currency: string }): Promise<Repayment>
}

const Named = z.object({ id: z.string() })

export const createLoans = (client: ServiceClient | undefined): Loans => ({
  assertVisible: async (loanId, authorization = '') => {
    await reached(client).call({ path: pathOf(loanId), authorization }, Named)
  },
  repay: async ({ loanId, paymentId, amountMinor, currency }) => {
    const call = {
      ...({ method: 'POST', path: `${pathOf(loanId)}/repayments`, idempotencyKey: `payment-${paymentId}` } as const),
      body: { amount: formatAmount(amountMinor, currency) },
    }
    try {
      const { id } = await reached(client).call(call, Named)
      return { status: 'done', repaymentId: id, code: null }
    } catch (error) {
      if (!(error instanceof Refusal) || error.status >= 500 || error.code === 'idempotency_in_progress') throw error
      return { status: 'refused', repaymentId: null, code: error.code }
    }
  },
})

const pathOf = (loanId: string): string => `/loans/${encodeURIComponent(loanId)}`

const reached = (client: ServiceClient | undefined): ServiceClient => {
  if (!client) throw refuse('dependency_unavailable', { dependency: 'loan-service' })
  return client
}
