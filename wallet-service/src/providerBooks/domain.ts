import type { ProviderPayout } from '../payments/provider.js'
import type { SentOut } from '../payments/sentOut.js'

/** What one charge, refund, dispute or payout came to, as one side has it: above zero came in. */
export type Side = { netMinor: bigint; currency: string; at: Date; what: string }

export const DIFFERENCES = [
  ...(['missing_in_books', 'missing_at_provider', 'amount_differs', 'unexplained_entry'] as const),
  ...(['paid_at_provider_only', 'paid_in_books_only', 'clearing_differs'] as const),
] as const

/** In what the provider and the books differ. */
export type Difference = {
  code: (typeof DIFFERENCES)[number]
  message: string
  /** As the provider names it; the entry for one that it does not know. */
  sourceId: string
  currency: string
  providerMinor: bigint
  booksMinor: bigint
  at: Date
}

const KEY = /^provider:([^:]+):/

/** The charge, refund, dispute or payout that an entry is about; undefined for one that names none. */
export const sourceIn = (key: string | null): string | undefined => (key === null ? undefined : KEY.exec(key)?.[1])

/** Adds a movement or an entry to what its source comes to. */
export const addTo = (sides: Map<string, Side>, sourceId: string, { netMinor, ...about }: Side): void => {
  const known = sides.get(sourceId)
  sides.set(sourceId, known ? { ...known, netMinor: known.netMinor + netMinor } : { netMinor, ...about })
}

/** Compares what both sides have of one source; undefined when they agree. */
export const compare = (
  sourceId: string,
  provider: Side | undefined,
  books: Side | undefined,
): Difference | undefined => {
  const [providerMinor, booksMinor] = [provider?.netMinor ?? 0n, books?.netMinor ?? 0n]
  const side = provider ?? books
  if (!side || providerMinor === booksMinor) return undefined
  const { currency, at, what } = side
  const facts = { sourceId, currency, providerMinor, booksMinor, at }
  const amounts = `${providerMinor} minor units of ${currency} at the provider, ${booksMinor} in the books`
  if (!books)
    return { code: 'missing_in_books', message: `The ${what} ${sourceId} is not in the books: ${amounts}`, ...facts }
  if (!provider)
    return { code: 'missing_at_provider', message: `The provider knows nothing of ${sourceId}: ${amounts}`, ...facts }
  return { code: 'amount_differs', message: `The ${what} ${sourceId} differs: ${amounts}`, ...facts }
}

/** An entry moves money at the provider, and names nothing there that moved it. */
export const unexplained = (entryId: string, { netMinor, currency, at }: Side): Difference => ({
  code: 'unexplained_entry',
  message: `Entry ${entryId} moves ${netMinor} minor units of ${currency} that the provider did not move`,
  sourceId: entryId,
  ...{ currency, providerMinor: 0n, booksMinor: netMinor, at },
})

/** Compares whether money that was sent out has arrived, and what of it still stands in the clearing account. */
export const compareSent = (sent: SentOut, payout: ProviderPayout | undefined, standingMinor: bigint): Difference[] => {
  const { id, payoutId, status, amountMinor, currency, at } = sent
  const expectedMinor = status === 'on_its_way' && payoutId === null ? amountMinor : 0n
  const about = { sourceId: payout?.id ?? id, currency, at }
  const name = `remittance ${id}`
  const [isPaid, hasArrived] = [payout?.status === 'paid', status === 'arrived']
  const differences: Difference[] = []
  if (isPaid && !hasArrived) {
    const message = `The provider has paid ${name}, which is ${WORDS[status]} here`
    differences.push({ code: 'paid_at_provider_only', message, ...about, providerMinor: amountMinor, booksMinor: 0n })
  }
  if (payout && !isPaid && hasArrived) {
    const message = `The ${name} has arrived here, and is ${payout.status} at the provider`
    differences.push({ code: 'paid_in_books_only', message, ...about, providerMinor: 0n, booksMinor: amountMinor })
  }
  if (standingMinor !== expectedMinor) {
    const message = `Of ${name} ${standingMinor} minor units of ${currency} stand in the clearing account, and ${expectedMinor} are to go to the provider`
    const sides = { providerMinor: expectedMinor, booksMinor: standingMinor }
    differences.push({ code: 'clearing_differs', message, ...about, ...sides })
  }
  return differences
}

const WORDS = { on_its_way: 'on its way', arrived: 'done', back: 'given back' } as const
