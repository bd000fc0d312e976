const loan_id = '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11'
const owed = { penalties: 0, fees: 0, interest: 0, principal: 100000 }

export const scheduleExample = {
  loan_id,
  currency: 'USD',
  paid_out_on: '2026-11-21',
  disclosure: {
    us_apr: 12,
    eu_apr: 12.68,
    amount_financed: 100000,
    finance_charge: 6618.53,
    total_of_payments: 106618.53,
  },
  rows: [
    {
      ...{ number: 1, due_date: '2026-12-21', principal: 7884.88, interest: 1000, fees: 0, penalties: 0 },
      ...{ total: 8884.88, open: 8884.88, balance: 92115.12, status: 'UPCOMING' },
    },
  ],
}

export const payoffExample = {
  loan_id,
  currency: 'USD',
  on: '2026-11-21',
  parts: owed,
  total: 100000,
  per_diem: 33.33,
  valid_until: '2026-11-30',
  days: [
    { on: '2026-11-21', total: 100000 },
    { on: '2026-11-22', total: 100033.33 },
  ],
}

export const statementExample = {
  loan_id,
  currency: 'USD',
  as_of: '2026-11-21',
  entries: [{ on: '2026-11-21', kind: 'disbursed', event_id: `${loan_id}:1`, change: owed, outstanding: 100000 }],
  outstanding: 100000,
}
