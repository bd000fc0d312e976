/** The application of the loan tracker's own documentation, and the loan it becomes. */
export const applicationExample = {
  amount: 25000,
  term_months: 36,
  purpose: 'Delivery van',
  income: 60000,
  expenses: 20000,
}

export const loanExample = {
  id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11',
  customer_id: '019aa3ef-1b2c-7a3d-8e4f-5a6b7c8d9e0f',
  ...applicationExample,
  currency: 'USD',
  annual_rate: 12,
  status: 'APPLIED',
  decision: 'PENDING',
  risk_score: 0.2875,
  risk_reasons: [
    {
      code: 'INSTALMENT_TO_DISPOSABLE',
      contribution: 0.1042,
      value: 0.2083,
      message: 'Income insufficient for amount of credit requested',
    },
    {
      code: 'EXPENSES_TO_INCOME',
      contribution: 0.1,
      value: 0.3333,
      message: 'Excessive obligations in relation to income',
    },
    {
      code: 'AMOUNT_TO_INCOME',
      contribution: 0.0833,
      value: 0.4167,
      message: 'Amount requested is high in relation to income',
    },
  ],
  risk_model_version: 'affordability-1',
  approval_blocked: false,
  max_amount: null,
  min_term_months: null,
  entered_by: '019aa3ee-5d6c-7b1a-9c0d-1e2f3a4b5c6d',
  decided_by: null,
  decided_at: null,
  decision_reason: null,
  disbursement: null,
  created_at: '2026-11-21T09:30:00.000Z',
  updated_at: '2026-11-21T09:30:00.000Z',
  version: 1,
}

export const approvedExample = {
  ...loanExample,
  status: 'APPROVED',
  decision: 'APPROVED',
  decided_by: '019aa3ed-2a3b-7c4d-8e5f-6a7b8c9d0e1f',
  decided_at: '2026-11-21T10:00:00.000Z',
  decision_reason: 'Steady income',
  disbursement: { status: 'PENDING', code: null, reason: null, entry_id: null, credited_at: null },
  updated_at: '2026-11-21T10:00:00.000Z',
  version: 2,
}

export const trackingExample = {
  loan_id: loanExample.id,
  status: 'APPROVED',
  decision: 'APPROVED',
  disbursement: approvedExample.disbursement,
  history: [
    {
      step: 'apply',
      status: 'APPLIED',
      by: `user:${loanExample.entered_by}`,
      at: loanExample.created_at,
      reason: null,
    },
    {
      step: 'approve',
      status: 'APPROVED',
      by: `user:${approvedExample.decided_by}`,
      at: approvedExample.decided_at,
      reason: 'Steady income',
    },
  ],
}
