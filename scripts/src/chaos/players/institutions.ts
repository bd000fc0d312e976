import { expectAnswer } from '../../demo/expect.js'
import type { Hand } from '../hand.js'
import type { Databases, Person, Player } from './player.js'

const CREDENTIALS = { institution: 'sandbox', username: 'user_good', password: 'pass_good' } as const
const SYNC = 'account sync'

/** Customers have accounts elsewhere, and bring them up to date. */
export const institutions: Player = {
  kinds: [],
  weight: 1,
  prepare: async ({ client }, { customers }) => {
    const link = ({ userId, session: { token } }: Person) =>
      client.post('/users/{userId}/accounts/links', {
        ...{ params: { userId }, token, key: `link-${userId}`, body: CREDENTIALS },
      })
    for (const customer of customers) expectAnswer(await link(customer), 201)
  },
  play: (hand, people) => sync(hand, people.one()),
  found: () => Promise.resolve({}),
  problems: async ({ 'wallet-service': db }) => {
    const open = await db.collection('jobs').find({ finishedAt: null }).toArray()
    return open.map(({ _id, status }) => `job ${String(_id)} is ${String(status)}`)
  },
  checks: {
    'every sync that was promised was done, and brought each movement once': async (databases, { attempts }) => {
      const promised = attempts.flatMap(({ kind, told }) => (kind === SYNC && told !== undefined ? [told] : []))
      return [...(await notDone(databases, promised)), ...(await broughtOtherwise(databases))]
    },
  },
}

const sync = async (hand: Hand, { userId, session }: Person): Promise<void> => {
  await hand.attempt({
    ...{ kind: SYNC, marker: `sync${hand.fresh()}`, session, numberIn: 'id' },
    send: (sending) => hand.client.post('/users/{userId}/accounts/sync', { ...sending, params: { userId } }),
  })
}

const notDone = async ({ 'wallet-service': db }: Databases, promised: readonly string[]): Promise<string[]> => {
  const rows = await db.collection('jobs').find().toArray()
  const statusOf = new Map(rows.map(({ _id, status }) => [String(_id), String(status)]))
  const failed = promised.filter((id) => statusOf.get(id) !== 'succeeded')
  return failed.map((id) => `job ${id} is ${statusOf.get(id) ?? 'not there'}`)
}

/** All are the same customer at the institution, so each connection must show the same. */
const broughtOtherwise = async ({ 'wallet-service': db }: Databases): Promise<string[]> => {
  const movements = await db.collection('accountMovements').find({ removedAt: null }).toArray()
  const links = [...new Set(movements.map(({ linkId }) => String(linkId)))]
  const idsOf = (link: string) =>
    movements.filter(({ linkId }) => linkId === link).map((one) => String(one['externalId']))
  const most = new Set(links.flatMap(idsOf)).size
  return links
    .filter((link) => idsOf(link).length !== most)
    .map((link) => `connection ${link} has ${idsOf(link).length} movements, not ${most}`)
}
