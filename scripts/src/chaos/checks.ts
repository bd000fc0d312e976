import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from '@countinghouse/client'
import { definitions, EVENT_STREAM } from '@countinghouse/shared/messaging/topology'
import { connect } from 'amqplib'
import { expectAnswer } from '../demo/expect.js'
import { waitFor } from '../kit/wait.js'
import { players } from './players.js'
import type { Databases } from './players/player.js'
import type { PrivateSystem } from './system.js'
import { balancesOf, type Happened } from './tally.js'

/** One thing that must hold, and what contradicts it. */
export type Check = { name: string; problems: string[] }

const QUIET_WITHIN_MS = 60_000

/** Waits until nothing is on its way any more; what still is then is told by the checks. */
export const untilQuiet = async (system: PrivateSystem, databases: Databases): Promise<void> => {
  const look = async () => {
    const waiting = [...(await unsent(databases)), ...(await waitingMessages(system)), ...(await openWork(databases))]
    if (waiting.length > 0) throw new Error(waiting.join(', '))
  }
  await waitFor('it does not come to rest', look, { timeoutMs: QUIET_WITHIN_MS, intervalMs: 200 }).catch(
    () => undefined,
  )
}

type Evidence = { system: PrivateSystem; databases: Databases; client: Client; token: string }

export const checkAll = async (
  { system, databases, client, token }: Evidence,
  happened: Happened,
): Promise<Check[]> => [
  { name: 'outboxes are drained', problems: await unsent(databases) },
  { name: 'queues are empty', problems: await waitingMessages(system) },
  { name: 'there are no dead letters', problems: await dead(databases) },
  { name: 'nothing is stuck, below zero or there twice', problems: await openWork(databases) },
  { name: 'each wallet holds what its requests come to', problems: await wrongBalances(databases, happened) },
  { name: 'the books verify: chain, balances, nothing missing', problems: await verified(client, token) },
  { name: 'the books reconcile with holds and answers', problems: await reconciled(client, token) },
  { name: 'the payment provider moved what the books say', problems: await provided(client, token) },
  { name: 'debits equal credits', problems: await balanced(client, token) },
  { name: 'the stock checks: levels, layers, reservations, numbers', problems: await checkedStock(client, token) },
  ...(await checksOfPlayers(databases, happened)),
  { name: 'the report agrees with the loans', problems: await reportedInTime(client, token, databases) },
  { name: 'no process ended by itself', problems: system.deaths.map(({ service, how }) => `${service}: ${how}`) },
]

const checksOfPlayers = (databases: Databases, happened: Happened): Promise<Check[]> =>
  Promise.all(
    players
      .flatMap(({ checks = {} }) => Object.entries(checks))
      .map(async ([name, check]) => ({ name, problems: await check(databases, happened) })),
  )

const unsent = async (databases: Databases): Promise<string[]> => {
  const counts = Object.entries(databases).map(async ([owner, db]) => {
    const count = await db.collection('outbox').countDocuments({ publishedAt: null })
    return count === 0 ? [] : [`${owner} has ${count} unsent commits`]
  })
  return (await Promise.all(counts)).flat()
}

const dead = async (databases: Databases): Promise<string[]> => {
  const found = Object.values(databases).map((db) => db.collection('deadLetters').find({ status: 'waiting' }).toArray())
  const kinds = (await Promise.all(found)).flat().map(({ _id, reason }) => `${queueOf(String(_id))}: ${String(reason)}`)
  return [...new Set(kinds)].map((kind) => `${kinds.filter((one) => one === kind).length} of ${kind}`)
}

/** `wallet.loan-events` of the id of a dead letter, which ends with that of its message. */
const queueOf = (id: string): string => id.slice(0, id.lastIndexOf(':'))

const waitingMessages = async ({ brokerUrl }: PrivateSystem): Promise<string[]> => {
  const connection = await connect(brokerUrl, { noDelay: true })
  try {
    const channel = await connection.createChannel()
    const names = definitions()
      .queues.map(({ name }) => name)
      .filter((name) => name !== EVENT_STREAM)
    const counts = await Promise.all(names.map((name) => channel.checkQueue(name)))
    return counts.filter(({ messageCount }) => messageCount > 0).map(({ queue, messageCount }) => `${queue} has ${messageCount} messages`) // prettier-ignore
  } finally {
    await connection.close()
  }
}

const openWork = async (databases: Databases): Promise<string[]> =>
  (await Promise.all(players.map(async (player) => (await player.problems?.(databases)) ?? []))).flat()

const wrongBalances = async ({ 'wallet-service': db }: Databases, happened: Happened): Promise<string[]> => {
  const expected = balancesOf(happened)
  const wallets = await db.collection('accounts').find({ kind: 'wallet' }).toArray()
  return wallets
    .map(({ _id, postedMinor }) => ({ id: String(_id), has: BigInt(postedMinor as bigint) }))
    .filter(({ id, has }) => has !== (expected.get(id) ?? 0n))
    .map(({ id, has }) => `wallet ${id} has ${has}, not ${expected.get(id) ?? 0n}`)
}

const verified = async (client: Client, token: string): Promise<string[]> => {
  const { status, body } = await client.get('/ledger/verify', { token })
  const last = (body as unknown as string).trim().split('\n').at(-1) ?? ''
  const { ok, problems } = JSON.parse(last) as { ok?: boolean; problems?: unknown[] }
  return status === 200 && ok === true ? [] : (problems ?? [last]).map((problem) => JSON.stringify(problem))
}

const reconciled = async (client: Client, token: string): Promise<string[]> => {
  const { ok, problems } = expectAnswer(await client.post('/ledger/reconcile', { token }), 200) as unknown as {
    ok: boolean
    problems: unknown[]
  }
  return ok ? [] : problems.map((problem) => JSON.stringify(problem))
}

const provided = async (client: Client, token: string): Promise<string[]> => {
  const { differences } = expectAnswer(await client.get('/payments/reconciliation', { token }), 200)
  return differences.map(({ message }) => message)
}

const checkedStock = async (client: Client, token: string): Promise<string[]> => {
  const { ok, problems } = expectAnswer(await client.get('/stocks/check', { token }), 200)
  return ok ? [] : problems.map((problem) => JSON.stringify(problem))
}

const balanced = async (client: Client, token: string): Promise<string[]> => {
  const trial = expectAnswer(await client.get('/ledger/trial-balance', { token }), 200) as { balanced?: boolean }
  return trial.balanced === true ? [] : ['the trial balance is not zero']
}

const FOLLOWS_WITHIN_MS = 30_000

/** The reports follow by event; each look at them is put on record, so they are the last to be looked at. */
const reportedInTime = async (client: Client, token: string, databases: Databases): Promise<string[]> => {
  const giveUpAt = performance.now() + FOLLOWS_WITHIN_MS
  for (;;) {
    const problems = await reported(client, token, databases)
    if (problems.length === 0 || performance.now() > giveUpAt) return problems
    await pause(500)
  }
}

const reported = async (client: Client, token: string, databases: Databases): Promise<string[]> => {
  const counts = await databases['loan-service']
    .collection('loans')
    .aggregate([{ $group: { _id: '$status', count: { $sum: 1 } } }])
    .toArray()
  const { by_lifecycle: shown } = expectAnswer(await client.get('/reports/portfolio', { token }), 200)
  return counts
    .filter(({ _id, count }) => shown[_id as keyof typeof shown] !== Number(count))
    .map(
      ({ _id, count }) => `${String(_id)}: ${String(count)} loans, ${shown[_id as keyof typeof shown]} in the report`,
    )
}
