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
  product_id: 'standard',
  product_version: 1,
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
  approvals: { given: 0, needed: 1 },
  decided_by: null,
  decided_at: null,
  decision_reason: null,
  withdrawal: null,
  expires_at: '2026-12-21T09:30:00.000Z',
  disbursement: null,
  outstanding: null,
  principal_outstanding: null,
  due_now: null,
  credit_balance: null,
  next_due: null,
  overdue: false,
  days_past_due: 0,
  restructured_on: null,
  written_off_on: null,
  created_at: '2026-11-21T09:30:00.000Z',
  updated_at: '2026-11-21T09:30:00.000Z',
  version: 1,
}

export const offerExample = {
  ...{ us_apr: 12, eu_apr: 12.68, amount_financed: 25000, finance_charge: 4892.83, total_of_payments: 29892.83 },
  instalment: 830.36,
  rows: [
    {
      ...{ number: 1, due_date: '2026-12-21', principal: 580.36, interest: 250, fees: 0, penalties: 0 },
      ...{ total: 830.36, open: 830.36, balance: 24419.64, status: 'UPCOMING' },
    },
  ],
}

export const approvedExample = {
  ...loanExample,
  status: 'APPROVED',
  decision: 'APPROVED',
  approvals: { given: 1, needed: 1 },
  decided_by: '019aa3ed-2a3b-7c4d-8e5f-6a7b8c9d0e1f',
  decided_at: '2026-11-21T10:00:00.000Z',
  decision_reason: 'Steady income',
  disbursement: { status: 'PENDING', code: null, reason: null, entry_id: null, credited_at: null, attempts: 1 },
  updated_at: '2026-11-21T10:00:00.000Z',
  version: 2,
}

/** The same loan when its money has arrived. */
export const activeExample = {
  ...approvedExample,
  status: 'ACTIVE',
  disbursement: {
    ...approvedExample.disbursement,
    ...{
      status: 'COMPLETED',
      entry_id: '019aa3f0-9e8d-7c6b-8a5f-4e3d2c1b0a9f',
      credited_at: '2026-11-21T10:00:01.000Z',
    },
  },
  expires_at: null,
  ...{ outstanding: 25025, principal_outstanding: 25000, due_now: 0, credit_balance: 0 },
  next_due: { on: '2026-12-21', amount: 855.36 },
  version: 4,
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
