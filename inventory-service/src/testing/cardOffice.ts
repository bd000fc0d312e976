import { openStandIn, type StandInAnswer } from '@countinghouse/shared/testing/standIn'

/** How the stand-in behaves: it charges, declines, leaves it open, charges but nobody hears, or does nothing. */
export type Mood = 'charges' | 'declines' | 'leaves it open' | 'is not heard' | 'is down'

type Moved = { id: string; path: string; body: Record<string, unknown> }

export type CardOffice = {
  url: string
  mood: Mood
  /** What was charged or paid back, each once. */
  moved: Moved[]
  asked: number
  close(): Promise<void>
}

const declined = (payment_id: string): StandInAnswer => {
  const reason = 'Your card has insufficient funds'
  const detail = `The payment was declined: ${reason}`
  return {
    status: 402,
    body: { code: 'payment_declined', decline_code: 'insufficient_funds', reason, detail, payment_id },
  }
}

/** Stands for wallet-service's payments: one payment per key, and first answers under it. */
export const openCardOffice = async (): Promise<CardOffice> => {
  const answers = new Map<string, StandInAnswer>()
  const move = (path: string, body: Record<string, unknown>): StandInAnswer => {
    if (office.mood === 'declines') return declined(`declined-${office.asked.toString()}`)
    if (path.endsWith('/cancel')) return { status: 200, body: { id: path.split('/')[3], status: 'canceled' } }
    const id = `${path.slice(1).replaceAll('/', '-')}-${(office.moved.length + 1).toString()}`
    office.moved.push({ id, path, body })
    return { status: 201, body: { id, status: office.mood === 'leaves it open' ? 'requires_action' : 'succeeded' } }
  }
  const standIn = await openStandIn(({ path, idempotencyKey, text }) => {
    office.asked += 1
    if (office.mood === 'is down') return { status: 503, body: {} }
    const answer = answers.get(idempotencyKey) ?? move(path, JSON.parse(text) as Record<string, unknown>)
    answers.set(idempotencyKey, answer)
    return office.mood === 'is not heard' ? undefined : answer
  })
  const office: CardOffice = { ...standIn, mood: 'charges', moved: [], asked: 0 }
  return office
}
