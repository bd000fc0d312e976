import { Stripe } from 'stripe'
import { happen } from './aftermath.js'
import type { Bank } from './bank.js'
import { createMail, type Destination } from './mail.js'
import { newId, type Row, type State } from './state.js'

const TICK_MS = 25

/** What happens later, and the webhooks that have not arrived yet; both outlive the process. */
export const createSchedule = (state: State, { delayMs, ...destination }: Destination & { delayMs: number }) => {
  const now = () => Math.floor(Date.now() / 1000)
  const mail = createMail(state, destination)
  const tick = (bank: Bank): void => {
    for (const row of state.all('later').filter(isDue)) {
      state.remove(row.id)
      happen(bank, String(row['what']), String(row['subject']))
    }
    mail.sendDue()
  }
  return {
    now,
    emit: (type: string, object: Row, previous?: object): void => {
      const event = state.put({
        ...{ id: newId('evt'), object: 'event', created: now(), type, api_version: Stripe.API_VERSION },
        ...{ livemode: false, pending_webhooks: 1, request: { id: null, idempotency_key: null } },
        data: { object, ...(previous && { previous_attributes: previous }) },
      })
      mail.post(event)
    },
    later: (what: string, subject: string): void => {
      state.put({ id: newId('later'), object: 'later', created: now(), what, subject, at: Date.now() + delayMs })
    },
    run: (bank: Bank): (() => void) => {
      const timer = setInterval(() => {
        tick(bank)
      }, TICK_MS)
      return () => {
        clearInterval(timer)
      }
    },
  }
}

const isDue = (row: Row): boolean => Number(row['at']) <= Date.now()
