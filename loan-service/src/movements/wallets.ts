import type { ServiceClient } from '@countinghouse/shared/http/client'
import { formatAmount } from '@countinghouse/shared/money'
import { Refusal } from '@countinghouse/shared/refusal'
import { z } from 'zod'
import type { BookLine } from '../engine/balances.js'
import type { Movement, MovementKind } from './domain.js'

/** What the ledger said: that the entry is in the books, that it will never be, or nothing to rely on. */
export type Outcome =
  { kind: 'entered'; entryId: string } | { kind: 'refused'; refusal: Refusal } | { kind: 'unclear'; error: unknown }

/** The ledger, as far as it moves wallets. */
export interface Wallets {
  /** Asks for the movement's entry; asked again, the ledger makes no second one. */
  enter(movement: Movement): Promise<Outcome>
}

const DESCRIPTIONS: Record<MovementKind, string> = {
  repayment: 'Repayment of',
  'repayment-reversal': 'Repayment taken back of',
  recovery: 'Recovery on',
  'credit-refund': 'Refund of what was paid too much on',
  'late-credit-return': 'Return of what was paid out for the withdrawn',
}

const Entered = z.object({ id: z.string() })

export const createWallets = (client: ServiceClient): Wallets => {
  // Parallel repeats of one request share one question.
  const asking = new Map<string, Promise<Outcome>>()
  return {
    enter: (movement) => {
      const key = keyOf(movement)
      const asked =
        asking.get(key) ??
        enter(client, movement)
          .catch(outcomeOf)
          .finally(() => asking.delete(key))
      asking.set(key, asked)
      return asked
    },
  }
}

const enter = async (client: ServiceClient, movement: Movement): Promise<Outcome> => {
  const { _id, loanId, kind, lines } = movement
  const body = {
    postings: lines.map((line) => toPosting(line, movement)),
    description: `${DESCRIPTIONS[kind]} loan ${loanId}`,
    reference: { kind, id: _id },
    key: 'moved',
  }
  const call = { method: 'POST', path: '/ledger/entries', idempotencyKey: keyOf(movement), body } as const
  return { kind: 'entered', entryId: (await client.call(call, Entered)).id }
}

// After a refusal the same question would be answered from memory.
const keyOf = ({ _id, refusals }: Movement): string => (refusals === 0 ? _id : `${_id}:${refusals.toString()}`)

const toPosting = ({ account, side, amountMinor }: BookLine, { userId, currency }: Movement) => ({
  ...(account === 'wallet' ? { user_id: userId, currency } : { account_id: `house:${account}:${currency}` }),
  side,
  amount: formatAmount(amountMinor, currency),
})

const outcomeOf = (error: unknown): Outcome => {
  if (!(error instanceof Refusal) || error.status >= 500 || error.code === 'idempotency_in_progress')
    return { kind: 'unclear', error }
  const { entry_id: entryId } = error.context
  if (error.code === 'entry_exists' && typeof entryId === 'string') return { kind: 'entered', entryId }
  return { kind: 'refused', refusal: error }
}
