import { loanExample } from '../loans/examples.js'

export const repaymentExample = {
  id: '019aa3f1-2b3c-7d4e-8f5a-6b7c8d9e0f1a',
  loan_id: loanExample.id,
  ...{ amount: 830.36, currency: 'USD', excess: 'next_instalment', paid_on: '2026-12-21' },
  allocation: { penalties: 0, fees: 0, interest: 250, principal: 580.36, credit: 0 },
  ...{ outstanding: 24419.64, loan_status: 'ACTIVE', status: 'COMPLETED', failure: null },
  entry_id: '019aa3f1-2b3d-7a1b-9c2d-3e4f5a6b7c8d',
  requested_at: '2026-12-21T09:30:00.000Z',
  settled_at: '2026-12-21T09:30:00.040Z',
  reversal: null,
}

export const reversedExample = {
  ...repaymentExample,
  ...{ outstanding: 25250, status: 'REVERSED' },
  reversal: {
    id: '019aa3f2-3c4d-7e5f-8a6b-7c8d9e0f1a2b',
    ...{ status: 'COMPLETED', reason: 'Paid for another loan', requested_at: '2026-12-22T09:30:00.000Z' },
  },
}
