/** What no bench can measure: how people behave and what machines cost. */
export const assumptions = {
  activeShare: { what: 'users who come on a day, as a share of all', value: 0.2 },
  requests: { what: 'requests of such a user through the gateway', value: 40 },
  transfers: { what: 'transfers of such a user', value: 2 },
  orders: { what: 'orders of such a user', value: 0.1 },
  cardPayments: { what: 'payments by card of such a user', value: 0.1 },
  webhooks: { what: 'webhooks that the provider sends of a payment', value: 3 },
  runningLoans: { what: 'running loans of a user', value: 0.3 },
  approvals: { what: 'loans approved on a day, for each running loan', value: 0.003 },
  syncs: { what: 'connections of a user to institutions, each brought up to date once a day', value: 1 },
  eventsPerTransfer: { what: 'events of a transfer', value: 3 },
  eventsPerOrder: { what: 'events of an order, its payment and its goods', value: 10 },
  eventsPerLoan: { what: 'events of a loan from application to payout', value: 6 },
  eventBytes: { what: 'bytes of an event in the outbox and in the audit log', value: 2_500 },
  years: { what: 'years that journal and events are kept', value: 3 },
  copies: { what: 'copies of the data (replica set)', value: 3 },
  peak: { what: 'the busiest second beside the mean of the day', value: 5 },
  plannedShare: { what: 'share of its measured rate that a process is planned for', value: 0.6 },
  nightSeconds: { what: 'seconds that the work of a night may take', value: 4 * 3_600 },
  coresPerProcess: { what: 'cores of a process', value: 1 },
  coresPerWorker: { what: 'cores of a sync worker, which waits for the institution most of the time', value: 0.1 },
  coresPerShard: { what: 'cores of a member of a replica set', value: 4 },
  serverCores: { what: 'cores of RabbitMQ, Redis and what watches', value: 12 },
  nodeCores: { what: 'cores of a node', value: 8 },
  corePrice: { what: 'price of a core with 4 GiB for a month, US dollars', value: 30 },
  gigabytePrice: { what: 'price of a gigabyte for a month, US dollars', value: 0.1 },
} as const

type Name = keyof typeof assumptions

export const assumed = (name: Name): number => assumptions[name].value
