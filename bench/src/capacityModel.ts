import { assumed } from './capacityAssumptions.js'
import type { Rate, Rates } from './capacityRates.js'

export type Demand = Record<
  'requests' | 'transfers' | 'orders' | 'webhooks' | 'approvals' | 'events' | 'syncs' | 'runningLoans' | 'bytesKept',
  number
>
/** What is needed of each kind; undefined where a rate was not measured. */
export type Plan = Record<string, number | undefined>

const DAY_SECONDS = 86_400

/** What so many users ask for in the busiest second, and what they leave behind. */
export const toDemand = (users: number): Demand => {
  const active = users * assumed('activeShare')
  const runningLoans = users * assumed('runningLoans')
  const perDay = {
    requests: active * assumed('requests'),
    transfers: active * (assumed('transfers') + assumed('orders') + assumed('cardPayments')),
    orders: active * assumed('orders'),
    webhooks: active * assumed('cardPayments') * assumed('webhooks'),
    approvals: runningLoans * assumed('approvals'),
    syncs: users * assumed('syncs'),
  }
  const eventsPerDay =
    perDay.transfers * assumed('eventsPerTransfer') +
    perDay.orders * assumed('eventsPerOrder') +
    perDay.approvals * assumed('eventsPerLoan')
  const busiest = (count: number) => (count * assumed('peak')) / DAY_SECONDS
  return {
    ...{ requests: busiest(perDay.requests), transfers: busiest(perDay.transfers), orders: busiest(perDay.orders) },
    ...{ webhooks: busiest(perDay.webhooks), approvals: busiest(perDay.approvals), events: busiest(eventsPerDay) },
    // The institutions are asked evenly over the day.
    ...{ syncs: perDay.syncs / DAY_SECONDS, runningLoans },
    bytesKept: assumed('years') * 365 * eventsPerDay * assumed('eventBytes'),
  }
}

/** How much of everything that takes. */
export const toPlan = (demand: Demand, rates: Rates): Plan => {
  const needed = (asked: number, { perSecond }: Rate, least = 1) =>
    perSecond && Math.max(least, Math.ceil(asked / (perSecond * assumed('plannedShare'))))
  const shards = needed(demand.transfers, rates.ledger)
  const night = needed(demand.runningLoans / assumed('nightSeconds'), rates.night, 2)
  const processes = {
    gateway: needed(demand.requests, rates.gateway, 2),
    'auth-service': 2,
    'wallet-service': sum([shards && shards * 2, needed(demand.webhooks, rates.webhooks)]),
    'loan-service': greatest(night, needed(demand.approvals, rates.approvals)),
    'inventory-service': needed(demand.orders, rates.orders, 2),
  }
  const workers = needed(demand.syncs, rates.syncs)
  const partitions = needed(demand.events, rates.projection)
  const entryBytes = rates.entryBytes.perSecond
  const gigabytes = entryBytes && toGigabytes(demand, entryBytes)
  const cores = coresOf({
    processes: sum([...Object.values(processes), partitions && partitions + 1]),
    workers,
    shards,
  })
  return {
    'requests a second': demand.requests,
    'transfers a second': demand.transfers,
    'orders a second': demand.orders,
    'events a second': demand.events,
    'syncs a second': demand.syncs,
    'running loans': demand.runningLoans,
    'shards of the ledger, each with one that writes and one that waits': shards,
    ...Object.fromEntries(Object.entries(processes).map(([name, count]) => [`processes of ${name}`, count])),
    'processes of wallet-sync': workers,
    'partitions of the projection, a reporting-service each and one beside': partitions,
    'kept after these years, GB': gigabytes,
    cores,
    nodes: cores && Math.ceil(cores / assumed('nodeCores')),
    'US dollars a month': sum([cores && cores * assumed('corePrice'), gigabytes && priceOf(gigabytes)]),
  }
}

const sum = (parts: readonly (number | undefined)[]): number | undefined =>
  parts.reduce<number | undefined>(
    (total, part) => (total === undefined || part === undefined ? undefined : total + part),
    0,
  )

const greatest = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? undefined : Math.max(one, other)

const toGigabytes = ({ transfers, bytesKept }: Demand, entryBytes: number): number => {
  const transfersPerYear = (transfers * DAY_SECONDS * 365) / assumed('peak')
  return (bytesKept + transfersPerYear * assumed('years') * entryBytes) / 2 ** 30
}

const coresOf = ({ processes, workers, shards }: Plan): number | undefined =>
  processes &&
  workers &&
  shards &&
  Math.ceil(
    processes * assumed('coresPerProcess') +
      workers * assumed('coresPerWorker') +
      shards * assumed('coresPerShard') * assumed('copies') +
      assumed('serverCores'),
  )

const priceOf = (gigabytes: number): number => gigabytes * assumed('copies') * assumed('gigabytePrice')
