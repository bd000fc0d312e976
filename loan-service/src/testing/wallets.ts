import { walletCredited, walletDebited } from '@countinghouse/shared/contracts/wallet'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import { openStandIn, type StandInAnswer } from '@countinghouse/shared/testing/standIn'

/** How the stand-in behaves: it answers, does what it is asked but nobody hears, or does nothing. */
export type Mood = 'answers' | 'is not heard' | 'is down'

export type Posting = { account_id?: string; user_id?: string; side: 'debit' | 'credit'; amount: string }
export type Entry = { id: string; reference: { kind: string; id: string }; postings: Posting[] }

type Asked = { postings: Posting[]; reference: { kind: string; id: string }; key: string }

export type Wallets = {
  url: string
  entries: Entry[]
  balances: Map<string, bigint>
  mood: Mood
  /** How often an entry was asked for. */
  asked: number
  /** What wallet-service tells of the wallet in an entry. */
  eventOf(entry: Entry): Envelope
  close(): Promise<void>
}

const minor = (amount: string): bigint => BigInt(amount.replace('.', ''))
const walletIn = ({ postings }: Pick<Asked, 'postings'>): Posting => {
  const posting = postings.find(({ user_id }) => user_id !== undefined)
  if (!posting) throw new Error('no wallet in this entry')
  return posting
}

/** Stands for wallet-service's ledger: one entry per fact, first answers under a key, no wallet below zero. */
export const openWallets = async (): Promise<Wallets> => {
  const answers = new Map<string, StandInAnswer>()
  const facts = new Map<string, string>()
  const enter = ({ reference, key, postings }: Asked): StandInAnswer => {
    const fact = `${reference.kind}:${reference.id}:${key}`
    const earlier = facts.get(fact)
    if (earlier !== undefined) return refusal('entry_exists', { entry_id: earlier })
    const { user_id: userId = '', side, amount } = walletIn({ postings })
    const after = (wallets.balances.get(userId) ?? 0n) + (side === 'credit' ? minor(amount) : -minor(amount))
    if (after < 0n) return refusal('insufficient_funds', { shortage: Number(-after) / 100 })
    const id = `entry-${(wallets.entries.length + 1).toString()}`
    wallets.balances.set(userId, after)
    wallets.entries.push({ id, reference, postings })
    facts.set(fact, id)
    return { status: 201, body: { id } }
  }
  const standIn = await openStandIn(({ idempotencyKey, text }) => {
    wallets.asked += 1
    if (wallets.mood === 'is down') return { status: 503, body: {} }
    const answer = answers.get(idempotencyKey) ?? enter(JSON.parse(text) as Asked)
    answers.set(idempotencyKey, answer)
    return wallets.mood === 'is not heard' ? undefined : answer
  })
  const wallets: Wallets = { ...standIn, entries: [], balances: new Map(), mood: 'answers', asked: 0, eventOf }
  return wallets
}

const refusal = (code: string, context: object): StandInAnswer => ({
  status: 409,
  body: { type: 'x', title: code, status: 409, code, detail: `no: ${code}`, message: 'no', ...context },
})

const eventOf = (entry: Entry): Envelope => {
  const { user_id: userId = '', side, amount } = walletIn(entry)
  return newEvent(side === 'debit' ? walletDebited : walletCredited, `wallet-of-${userId}`, {
    wallet_id: `wallet-of-${userId}`,
    user_id: userId,
    entry_id: entry.id,
    amount_minor: minor(amount),
    currency: 'USD',
    balance_after_minor: 0n,
    reference: entry.reference,
    moved_at: new Date().toISOString(),
  })
}
