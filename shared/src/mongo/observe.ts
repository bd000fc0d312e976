import type { mongo } from 'mongoose'
import type { Log } from '../log.js'
import { LATENCY_BUCKETS, counter, gauge, histogram } from '../metrics.js'

const duration = histogram('mongodb_command_duration_seconds', 'Commands to MongoDB', LATENCY_BUCKETS, [
  'command',
  'outcome',
])
const slow = counter('mongodb_slow_commands_total', 'Commands to MongoDB that took longer than they should')
const open = gauge('mongodb_pool_connections', 'Connections to MongoDB that are open')
const inUse = gauge('mongodb_pool_checked_out', 'Connections to MongoDB that are in use')
const queueing = gauge('mongodb_pool_waiting', 'Work that waits for a connection to MongoDB')

type Options = { client: mongo.MongoClient; log: Log; slowMs: number | undefined }

/** Measures every command and the pool, and logs by its shape and its plan what takes longer than it should. */
export const observeMongo = ({ client, log, slowMs = Infinity }: Options): void => {
  const begun = new Map<number, mongo.CommandStartedEvent>()
  const end = (event: mongo.CommandSucceededEvent | mongo.CommandFailedEvent, outcome: string) => {
    const started = begun.get(event.requestId)
    begun.delete(event.requestId)
    duration.observe({ command: event.commandName, outcome }, event.duration / 1000)
    if (event.duration < slowMs || !started) return
    slow.inc()
    tellSlow({ client, log }, started, event.duration)
  }
  client.on('commandStarted', (event) => isWatched(event) && begun.set(event.requestId, event))
  client.on('commandSucceeded', (event) => end(event, 'ok'))
  client.on('commandFailed', (event) => end(event, 'failed'))
  client.on('connectionCreated', () => open.inc())
  client.on('connectionClosed', () => open.dec())
  client.on('connectionCheckOutStarted', () => queueing.inc())
  client.on('connectionCheckOutFailed', () => queueing.dec())
  client.on('connectionCheckedOut', () => {
    queueing.dec()
    inUse.inc()
  })
  client.on('connectionCheckedIn', () => inUse.dec())
}

const WATCHED = ['find', 'aggregate', 'count', 'distinct', 'update', 'delete', 'findAndModify', 'insert']
const EXPLAINABLE = ['find', 'aggregate', 'count', 'distinct']
// Those that wait for news are slow by nature.
const isWatched = ({ commandName, command }: mongo.CommandStartedEvent): boolean =>
  WATCHED.includes(commandName) && !('$changeStream' in ((command['pipeline'] as object[] | undefined)?.[0] ?? {}))

const tellSlow = (
  { client, log }: Pick<Options, 'client' | 'log'>,
  { commandName, command, databaseName }: mongo.CommandStartedEvent,
  ms: number,
): void => {
  const facts = { command: commandName, collection: String(command[commandName]), shape: shapeOf(command), ms }
  const tell = (plan?: string) => log.warn({ ...facts, plan }, 'A slow command')
  if (!EXPLAINABLE.includes(commandName)) return tell()
  const asked = Object.fromEntries(
    Object.entries(command).filter(([name]) => !name.startsWith('$') && !OF_THE_SESSION.includes(name)),
  )
  client
    .db(databaseName)
    .command({ explain: asked, verbosity: 'queryPlanner' }, { timeoutMS: 5_000 })
    .then(
      (explained) => tell(planIn(explained)),
      () => tell(),
    )
}

const OF_THE_SESSION = [
  'lsid',
  'txnNumber',
  'autocommit',
  'startTransaction',
  'readConcern',
  'writeConcern',
  'maxTimeMS',
]

const SHAPED = ['filter', 'sort', 'pipeline', 'query', 'q', 'updates', 'deletes']

/** The form of a command without anybody's data: names stay, values are their types. */
const shapeOf = (command: mongo.Document): string =>
  JSON.stringify(
    Object.fromEntries(SHAPED.filter((name) => name in command).map((name) => [name, formOf(command[name])])),
  )

const formOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.length > 3 ? [formOf(value[0]), `… ${value.length} in all`] : value.map(formOf)
  if (value === null || typeof value !== 'object') return `<${value === null ? 'null' : typeof value}>`
  if (value instanceof Map) return formOf(Object.fromEntries(value as Map<string, unknown>))
  const { constructor } = value
  if (constructor !== Object && constructor !== undefined) return `<${constructor.name}>`
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, formOf(inner)]))
}

type Stage = { stage?: string; indexName?: string; inputStage?: Stage; inputStages?: Stage[]; queryPlan?: Stage }

/** `FETCH > IXSCAN(name_of_the_index)` */
const planIn = (explained: mongo.Document): string | undefined => {
  const { queryPlanner, stages } = explained as { queryPlanner?: { winningPlan?: Stage }; stages?: { $cursor?: { queryPlanner?: { winningPlan?: Stage } } }[] } // prettier-ignore
  const plan = queryPlanner?.winningPlan ?? stages?.[0]?.$cursor?.queryPlanner?.winningPlan
  return plan && summaryOf(plan.queryPlan ?? plan)
}

const summaryOf = ({ stage = '?', indexName, inputStage, inputStages = [] }: Stage): string => {
  const own = indexName === undefined ? stage : `${stage}(${indexName})`
  const below = [...(inputStage ? [inputStage] : []), ...inputStages].map(summaryOf).join(' | ')
  return below === '' ? own : `${own} > ${below}`
}
