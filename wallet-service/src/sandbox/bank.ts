import { newId, type Row, type State } from './state.js'

/** What the parts of the sandbox share. */
export type Bank = {
  state: State
  /** Seconds, as the wire counts them. */
  now: () => number
  publicUrl: () => string
  /** Tells the world; `previous` is what changed of the object. */
  emit: (type: string, object: Row, previous?: object) => void
  /** Lets something happen later, also after a restart. */
  later: (what: string, subject: string) => void
}

type Movement = { type: string; source: string; amount: number; fee?: number; currency: string; description?: string }

/** Changes the balance. */
export const moveBalance = (
  { state, now }: Bank,
  { type, source, amount, fee = 0, currency, description }: Movement,
): Row =>
  state.put({
    ...{ id: newId('txn'), object: 'balance_transaction', created: now(), available_on: now() },
    ...{ type, source, amount, fee, net: amount - fee, currency, description: description ?? null },
    ...{ balance_type: 'payments', exchange_rate: null, reporting_category: type, status: 'available' },
    fee_details: fee === 0 ? [] : [{ amount: fee, application: null, currency, description: 'Stripe processing fees', type: 'stripe_fee' }], // prettier-ignore
  })

/** 2.9 % and 30 of the smallest unit, half a unit rounded up. */
export const feeOf = (amount: number): number => Math.floor((amount * 29 + 500) / 1000) + 30

/** What came and went, in one currency. */
export const balanceOf = ({ state }: Bank): Map<string, number> => {
  const sums = new Map<string, number>()
  for (const { currency, net } of state.all('balance_transaction'))
    sums.set(String(currency), (sums.get(String(currency)) ?? 0) + Number(net))
  return sums
}
