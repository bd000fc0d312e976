import type { Client } from '@countinghouse/client'
import { expectAnswer } from '../../demo/expect.js'
import type { Hand, Session } from '../hand.js'
import { fieldOf, type People, type Player } from './player.js'

const PASSWORD = 'long enough to be good'

/** Somebody registers and waits for their wallet; then others may pay them. */
export const registrations: Player = {
  kinds: ['registration'],
  weight: 1,
  play: async (hand, people) => void (await register(hand, people)),
  found: async ({ 'auth-service': auth }) => ({
    registration: await fieldOf(auth, 'users', { email: /^chaos\./ }, 'email'),
  }),
  problems: async ({ 'auth-service': auth, 'wallet-service': wallet }) => {
    const users = await fieldOf(auth, 'users', { role: { $in: ['customer', 'vendor'] } }, '_id')
    const owners = await fieldOf(wallet, 'accounts', { kind: 'wallet' }, 'ownerId')
    const counts = new Map(users.map((user) => [user, owners.filter((owner) => owner === user).length]))
    return [...counts].filter(([, count]) => count !== 1).map(([user, count]) => `user ${user} has ${count} wallets`)
  },
}

export const register = async (hand: Hand, people: People): Promise<void> => {
  const email = `chaos.${hand.fresh()}@example.com`
  const body = { email, password: PASSWORD, role: 'customer' } as const
  const registered = await hand.attempt({
    ...{ kind: 'registration', marker: email, meansDone: 'email_taken' },
    send: () => hand.client.post('/auth/register', { body }),
  })
  if (!registered) return
  const session = await logIn(hand.client, { email, password: PASSWORD }).catch(() => undefined)
  if (!session) return
  let [userId, walletId] = ['', '']
  const opened = await hand.until(
    () => hand.client.get('/wallet', { token: session.token }),
    ({ id, user_id }) => ([userId, walletId] = [String(user_id), String(id)]).length > 0,
  )
  if (opened) people.customers.push({ session, userId, walletId })
}

export const logIn = async (client: Client, body: { email: string; password: string }): Promise<Session> => {
  const session: Session = {
    token: '',
    renew: async () => {
      session.token = expectAnswer(await client.post('/auth/login', { body }), 200).access_token
    },
  }
  await session.renew()
  return session
}
