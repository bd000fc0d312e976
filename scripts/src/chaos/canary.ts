import { expectAnswer } from '../demo/expect.js'
import { waitFor } from '../kit/wait.js'
import type { Hand } from './hand.js'
import { borrow } from './players/loans.js'
import type { People } from './players/player.js'
import { logIn } from './players/registrations.js'

const ADMIN = { email: 'admin@loanapp.com', password: 'admin123' }

/**
 * One way through every service: a login, a look at the items, a loan applied for, approved and paid out by event, and a
 * report that has it.
 */
const sing = async (hand: Hand, people: People): Promise<void> => {
  const { token } = await logIn(hand.client, ADMIN)
  expectAnswer(await hand.client.get('/items', { token }), 200)
  if (!(await borrow(hand, people))) throw new Error('no loan was paid out')
  const applications = hand.attempts.filter(
    ({ kind, outcome }) => kind === 'application' && outcome === 'acknowledged',
  ).length
  const report = async () => {
    const { total } = expectAnswer(await hand.client.get('/reports/portfolio', { token }), 200)
    if (total < applications) throw new Error(`the report has ${total} of ${applications} loans`)
  }
  await waitFor('the report did not follow', report, { timeoutMs: 10_000 })
}

/** Sings until it is heard; answers how long that took, or nothing when it never was. */
export const timeToSing = async (hand: Hand, people: People, withinMs: number): Promise<number | undefined> => {
  const startedAt = performance.now()
  while (performance.now() - startedAt < withinMs) {
    const heard = await sing(hand, people).then(
      () => true,
      () => false,
    )
    if (heard) return performance.now() - startedAt
  }
  return undefined
}
