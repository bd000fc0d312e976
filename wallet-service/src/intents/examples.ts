const created = {
  id: '019aa3f0-9e3a-7f6d-9d66-2f8c5a2b1c61',
  status: 'requires_payment_method',
  amount: 50,
  currency: 'USD',
  amount_capturable: 0,
  amount_received: 0,
  amount_refunded: 0,
  fee: null,
  capture_method: 'automatic',
  purpose: { kind: 'wallet_topup', id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11' },
  user_id: '019aa3f0-6b1d-7aa0-8c2f-5f4be7d3c9e2',
  payment_method: null,
  description: null,
  client_secret: 'pi_3QxAmple_secret_Y2xpZW50',
  next_action: null,
  last_payment_error: null,
  cancellation_reason: null,
  latest_charge: null,
  hold_id: null,
  entry_id: null,
  repayment: null,
  history: [
    {
      status: 'requires_payment_method',
      at: '2026-11-21T09:30:00.000Z',
      by: 'user:019aa3f0-6b1d-7aa0-8c2f-5f4be7d3c9e2',
      note: null,
    },
  ],
  created_at: '2026-11-21T09:30:00.000Z',
}

const succeeded = {
  ...created,
  ...{ status: 'succeeded', amount_received: 50, fee: 1.75, payment_method: 'pm_card_visa' },
  ...{ latest_charge: 'ch_3QxAmple', entry_id: '019aa3f0-9e3a-7f6d-9d66-2f8c5a2b1c62' },
  history: [...created.history, { status: 'succeeded', at: '2026-11-21T09:30:04.000Z', by: 'provider', note: null }],
}

const authorized = {
  ...created,
  capture_method: 'manual',
  payment_method: 'pm_card_visa',
  latest_charge: 'ch_3QxAmple',
}

export const examples = {
  create: { body: { amount: 50 }, view: created },
  read: { view: succeeded },
  list: { view: [succeeded] },
  confirm: { body: { payment_method: 'pm_card_visa' }, view: succeeded },
  capture: { body: { amount: 40 }, view: { ...authorized, status: 'succeeded', amount_received: 40 } },
  cancel: {
    body: { reason: 'requested_by_customer' },
    view: { ...created, status: 'canceled', cancellation_reason: 'requested_by_customer' },
  },
}
