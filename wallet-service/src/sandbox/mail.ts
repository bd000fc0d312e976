import { Stripe } from 'stripe'
import { newId, type Row, type State } from './state.js'

export type Destination = { webhookUrl: string; webhookSecret: string }

const TIMEOUT_MS = 5_000
const GAPS_MS = [1_000, 5_000, 30_000, 300_000, 1_800_000, 3_600_000]
const ATTEMPTS_MAX = 80

/** Sends events as signed webhooks, side by side and in no order, until each has arrived. */
export const createMail = (state: State, destination: Destination) => {
  const underWay = new Set<string>()
  const deliver = async (delivery: Row): Promise<void> => {
    const attempts = Number(delivery['attempts'])
    const arrived = await send(destination, state.get(String(delivery['event']))).catch(() => false)
    if (arrived || attempts >= ATTEMPTS_MAX) return state.remove(delivery.id)
    const gapMs = GAPS_MS[Math.min(attempts, GAPS_MS.length - 1)] ?? 0
    state.put({ ...delivery, attempts: attempts + 1, at: Date.now() + gapMs })
  }
  return {
    post: ({ id, created }: Row): void => {
      state.put({ id: newId('delivery'), object: 'delivery', created, event: id, attempts: 0, at: Date.now() })
    },
    sendDue: (): void => {
      const due = state.all('delivery').filter(({ id, at }) => Number(at) <= Date.now() && !underWay.has(id))
      for (const delivery of due) {
        underWay.add(delivery.id)
        void deliver(delivery).finally(() => underWay.delete(delivery.id))
      }
    },
  }
}

const send = async ({ webhookUrl, webhookSecret }: Destination, event: Row | undefined): Promise<boolean> => {
  const payload = JSON.stringify(event)
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: webhookSecret })
  const headers = { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signature }
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const response = await fetch(webhookUrl, { method: 'POST', headers, body: payload, signal })
  await response.arrayBuffer()
  return response.ok
}
