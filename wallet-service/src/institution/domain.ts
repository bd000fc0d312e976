/** A made-up institution, whose customers show by their names how it behaves; what moved follows from how many days passed. */
export type Customer = {
  username: string
  /** How long it takes to answer. */
  latencyMs: number
  /** Every so many answers fail. */
  failsEach: number | null
  /** So many answers a second; more are refused. */
  perSecond: number
  /** How many days of movements there are, the last of them pending. */
  days: number
  /** The day on which its login ran out, which a new one mends. */
  loginEndsOn: number | null
}

const well = { latencyMs: 5, failsEach: null, perSecond: 1_000, days: 3, loginEndsOn: null }

/** Whoever is not named here is `user_good`. */
const BEHAVIOUR: Readonly<Record<string, Partial<Customer>>> = {
  user_slow: { latencyMs: 400 },
  user_flaky: { failsEach: 5, days: 60 },
  user_limited: { perSecond: 4, days: 60 },
  user_expiring: { loginEndsOn: 4 },
  user_busy: { days: 400 },
}

export const PASSWORD = 'pass_good'

export const customerOf = (username: string): Customer => ({ username, ...well, ...BEHAVIOUR[username] })

export type Told = {
  transaction_id: string
  account_id: string
  amount: { amount: string; currency: string }
  description: string
  date: string
  pending: boolean
  pending_transaction_id: string | null
  category: string
}

export type Change = { kind: 'added'; told: Told } | { kind: 'removed'; id: string }

const SHOPS = [
  ['CORNER COFFEE', 'restaurants'],
  ['GREEN GROCER', 'groceries'],
  ['CITY BUS', 'transport'],
] as const
const PER_DAY = SHOPS.length
const FIRST_DAY = Date.UTC(2026, 0, 1)
const DAY_MS = 24 * 3600 * 1000

/** All that changed from the first day on: each day posts what was pending the day before, for a little more. */
export const changesOf = ({ username, days }: Pick<Customer, 'username' | 'days'>): Change[] =>
  Array.from({ length: days }, (_, day) => day).flatMap((day) => [
    ...(day === 0 ? [] : SHOPS.flatMap((_, shop): Change[] => posted(username, day - 1, shop))),
    ...SHOPS.map((_, shop): Change => ({ kind: 'added', told: told(username, { day, shop, isPending: true }) })),
  ])

const posted = (username: string, day: number, shop: number): Change[] => [
  { kind: 'added', told: told(username, { day, shop, isPending: false }) },
  { kind: 'removed', id: pendingId(day, shop) },
]

type Place = { day: number; shop: number; isPending: boolean }

const pendingId = (day: number, shop: number): string => `p-${(day * PER_DAY + shop).toString()}`
const told = (username: string, { day, shop, isPending }: Place): Told => {
  const [description, category] = SHOPS[shop] ?? SHOPS[0]
  const cents = (3 + shop).toString().padStart(2, '0')
  return {
    transaction_id: isPending ? pendingId(day, shop) : `t-${(day * PER_DAY + shop).toString()}`,
    account_id: `${username}-card`,
    amount: { amount: `-${(4 + shop).toString()}.${isPending ? '00' : cents}`, currency: 'USD' },
    ...{ description, category, date: new Date(FIRST_DAY + day * DAY_MS).toISOString().slice(0, 10) },
    ...{ pending: isPending, pending_transaction_id: isPending ? null : pendingId(day, shop) },
  }
}

/** The accounts of a customer after so many days; the last is of a kind that nobody knows yet. */
export const accountsOf = ({ username, days }: Pick<Customer, 'username' | 'days'>) => [
  {
    account_id: `${username}-card`,
    type: 'credit',
    name: 'Sandbox Card',
    balance: { amount: (days * 15).toString(), currency: 'USD' },
    details: { creditLimit: '5000', availableCredit: (5_000 - days * 15).toString(), apr: 21.5, dueDate: '2026-12-15' },
  },
  {
    account_id: `${username}-checking`,
    type: 'checking',
    name: 'Sandbox Checking',
    balance: { amount: '2500.75', currency: 'USD' },
    details: { overdraftProtection: true, routingNumber: '011000015' },
  },
  {
    account_id: `${username}-pension`,
    type: 'pension',
    name: 'Sandbox Pension',
    balance: { amount: '90000', currency: 'USD' },
    details: {},
  },
]
