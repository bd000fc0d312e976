import type { Kept, Records } from './records.js'

/** A figure of the page of performance; undefined until its bench has run. */
export type Rate = { what: string; perSecond: number | undefined; from: string }

export type Rates = Record<
  'gateway' | 'ledger' | 'orders' | 'webhooks' | 'approvals' | 'night' | 'projection' | 'syncs' | 'entryBytes',
  Rate
>

/** The rates of one process each, as they were measured. */
export const measuredRates = (records: Records): Rates => {
  const row = (what: string, bench: string, name: string): Rate => ({
    ...{ what, from: `${bench}: ${name}` },
    perSecond: records[bench]?.rows.find((one) => one.name === name)?.figures.perSecond,
  })
  const fact = (what: string, bench: string, name: string, share = 1): Rate => ({
    ...{ what, from: `${bench}: ${name}` },
    perSecond: numberOf(records[bench], name, share),
  })
  return {
    gateway: row('requests through a gateway', 'gateway', 'the gateway'),
    ledger: row('transfers of a ledger', 'ledger', 'service, uniform'),
    orders: row('orders of an inventory-service', 'shop', 'check-out paid by wallet, spread'),
    webhooks: row('webhooks that a wallet-service takes', 'payments', 'webhooks taken'),
    approvals: row('loans from approval to payout', 'loans', 'approved to active, 50 a second'),
    night: fact('loans of a night in one process', 'loans', 'night, loans a second'),
    projection: fact('events of a projection', 'reporting', 'events projected per second'),
    syncs: fact('syncs of a worker', 'accounts', 'sync jobs a minute, 4 workers', 1 / 240),
    entryBytes: fact(
      'bytes of a transfer with its indexes (each, not a second)',
      'ledger',
      'bytes a transfer, with indexes',
    ),
  }
}

const numberOf = (kept: Kept | undefined, name: string, share: number): number | undefined => {
  const value = kept?.facts[name]
  return value === undefined ? undefined : Number(value) * share
}
