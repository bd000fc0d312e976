import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from '@countinghouse/client'
import { randomFrom } from '@countinghouse/shared/testing/random'
import { timeToSing, type Heard } from './canary.js'
import { checkAll, untilQuiet, type Check } from './checks.js'
import type { Fault } from './faults.js'
import { createHand, type Hand } from './hand.js'
import { players } from './players.js'
import type { People } from './players/player.js'
import { logIn, register } from './players/registrations.js'
import type { PrivateSystem } from './system.js'
import { talliesOf, type Found, type Tally } from './tally.js'

export type Plan = {
  seed: number
  clients: number
  faults: readonly Fault[]
  /** How often the faults come round, each time in another order. */
  rounds: number
  /** How long all is well between two faults. */
  calmMs: number
  say: (line: string) => void
}

/** After which time all worked again, counted from the stroke, or why it did not. */
export type Recovery = { fault: string } & ({ recoveredMs: number } | { why: string })
export type Outcome = {
  /** One way through every service while all is well, under the same load. */
  calm: Heard
  recoveries: Recovery[]
  tallies: Tally[]
  checks: Check[]
  refusals: ReadonlyMap<string, number>
  seconds: number
}

const RECOVERS_WITHIN_MS = 60_000
const ADMIN = { email: 'admin@loanapp.com', password: 'admin123' }

/** Clients go on working while one fault comes after another; then everything is counted. */
export const runChaos = async (system: PrivateSystem, plan: Plan): Promise<Outcome> => {
  const startedAt = performance.now()
  const random = randomFrom(plan.seed)
  const client = createClient({ baseUrl: system.gatewayUrl, timeoutMs: 5_000 })
  let stopped = false
  const hand = createHand({ client, random, patienceMs: 60_000, impatient: 0.1, stopped: () => stopped })
  const people = await gather(hand, plan)
  const clients = Array.from({ length: plan.clients }, async () => {
    while (!stopped) {
      await pickPlayer(random).play(hand, people)
      await pause(random() * 100)
    }
  })
  const calm = await timeToSing(hand, people, RECOVERS_WITHIN_MS)
  const recoveries: Recovery[] = []
  for (const fault of order(plan, random)) {
    await pause(plan.calmMs)
    const recovery = await endure(fault, system, () => timeToSing(hand, people, RECOVERS_WITHIN_MS))
    recoveries.push(recovery)
    plan.say(toLine(recovery))
  }
  stopped = true
  await Promise.all(clients)
  await people.admin.renew()
  const databases = await system.databases()
  await untilQuiet(system, databases)
  const parts = await Promise.all(players.map((player) => player.found(databases)))
  const found: Found = Object.fromEntries(parts.flatMap((part) => Object.entries(part)))
  const happened = { attempts: hand.attempts, found }
  const evidence = { system, databases, client, token: people.admin.token }
  return {
    ...{ calm, recoveries, refusals: hand.refusals },
    tallies: talliesOf(
      players.flatMap(({ kinds }) => kinds),
      happened,
    ),
    checks: await checkAll(evidence, happened),
    seconds: (performance.now() - startedAt) / 1000,
  }
}

const gather = async (hand: Hand, { clients }: Plan): Promise<People> => {
  const customers: People['customers'] = []
  const one = () => {
    const customer = customers[Math.floor(hand.random() * customers.length)]
    if (!customer) throw new Error('nobody has registered')
    return customer
  }
  const people: People = { admin: await logIn(hand.client, ADMIN), customers, one }
  for (let count = 0; count < Math.min(clients, 4); count += 1) await register(hand, people)
  for (const player of players) await player.prepare?.(hand, people)
  return people
}

const pickPlayer = (random: () => number) => {
  let turn = random() * players.reduce((sum, { weight }) => sum + weight, 0)
  for (const player of players) if ((turn -= player.weight) < 0) return player
  throw new Error('nobody plays')
}

/** Every fault as often as there are rounds; the first round as listed, the others shuffled. */
const order = ({ faults, rounds }: Plan, random: () => number): Fault[] =>
  Array.from({ length: rounds }, (_, round) => (round === 0 ? [...faults] : shuffled(faults, random))).flat()

const shuffled = <Item>(items: readonly Item[], random: () => number): Item[] =>
  items
    .map((item) => ({ item, place: random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item)

const endure = async (fault: Fault, system: PrivateSystem, recover: () => Promise<Heard>): Promise<Recovery> => {
  const struckAt = performance.now()
  await fault.strike(system)
  await pause(fault.lastsMs)
  await fault.heal(system)
  const heard = await recover()
  await system.readyWithin(RECOVERS_WITHIN_MS)
  return { fault: fault.name, ...('why' in heard ? heard : { recoveredMs: performance.now() - struckAt }) }
}

const toLine = (recovery: Recovery): string =>
  `${recovery.fault}: ${'why' in recovery ? `NOT recovered: ${recovery.why}` : `recovered after ${(recovery.recoveredMs / 1000).toFixed(1)} s`}`
