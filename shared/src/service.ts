import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Redis } from 'ioredis'
import type { Connection } from 'mongoose'
import { createCalendar, type Calendar } from './calendar.js'
import type { ServiceSettings } from './config.js'
import { openFiles } from './files/open.js'
import type { Files } from './files/port.js'
import { openAuthOffice } from './http/authOffice.js'
import type { ServiceToken } from './http/authService.js'
import type { Endpoint } from './http/endpoint.js'
import { listen } from './http/listen.js'
import { problemHeaders, toProblem } from './http/problem.js'
import { createReadLog } from './http/readLog.js'
import { createHttpApp } from './http/server.js'
import { createAnswerBook, idempotency } from './idempotency.js'
import { jobEndpoints } from './jobs/routes.js'
import { jobs, serviceOf } from './jobs/store.js'
import { startJobWorker, type JobKind, type WorkerDeps } from './jobs/worker.js'
import type { Log } from './log.js'
import { mails } from './mail/outbox.js'
import { createMailPort } from './mail/port.js'
import { startMailSender } from './mail/sender.js'
import { connectBroker, type Broker } from './messaging/broker.js'
import { startConsumer } from './messaging/consumer.js'
import type { Handler } from './messaging/delivery.js'
import { inbox } from './messaging/inbox.js'
import { outbox } from './messaging/outbox.js'
import { positions } from './messaging/position.js'
import { startProjection, type ProjectionOptions } from './messaging/projection.js'
import { startRelay } from './messaging/relay.js'
import type { QueueName } from './messaging/topology.js'
import { connectMongo, pingMongo } from './mongo/connect.js'
import { migrateAlone } from './mongo/migrateAlone.js'
import { migrate, type Migration } from './mongo/migrations.js'
import { nights } from './mongo/nightly.js'
import { deadLetters } from './ops/deadLetters.js'
import { openDesk } from './ops/desk.js'
import { opsEndpoints, type Deps as DeskDeps, type Shown } from './ops/routes.js'
import type { Saga } from './ops/sagas.js'
import { runProcess, type ProcessKit } from './process.js'
import { connectRedis } from './redis.js'
import { refuse, type RefusalTable } from './refusal.js'
import { uuidv7 } from './uuid.js'

/** Work that goes on until it is stopped. */
export type Background = { stop(): Promise<void> }

/** What a service is, beside what every service has. */
export type ServiceParts = {
  endpoints: readonly Endpoint[]
  consumers?: Partial<Record<QueueName, readonly Handler[]>>
  /** The kinds of background job that it does; with any, it answers `/jobs/:id` as well. */
  jobs?: readonly JobKind[]
  projections?: Readonly<Record<string, Pick<ProjectionOptions, 'projectors' | 'others'>>>
  /** Work over several steps, which an operator watches. */
  sagas?: readonly Saga[]
  /** What else is on the operator's desk. */
  shown?: Shown
  /** Work without a request: started when the service is, stopped with it. */
  background?: readonly (() => Background)[]
  /** Runs once, when everything is connected and migrated, before the service is ready. */
  prepare?: () => Promise<void>
}

export type ServiceKit<Settings = ServiceSettings> = {
  settings: Settings
  db: Connection
  redis: Redis
  log: Log
  now: () => Date
  /** The service's own identity, for its calls to others. */
  serviceToken: ServiceToken
  /** The days of the business. */
  calendar: Calendar
  /** The files of this service. */
  files: Files
}

export type ServiceDefinition<Settings extends ServiceSettings> = {
  name: string
  readSettings: () => Settings
  migrations: readonly Migration[]
  refusals: RefusalTable
  build(kit: ServiceKit<Settings>): ServiceParts
}

/** The collections that every service has in its own database, as the first of its migrations. */
export const kitMigrations: readonly Migration[] = [
  { id: '0000-kit', collections: [outbox, inbox, idempotency, positions] },
  { id: '0000-kit-ops', collections: [deadLetters] },
  { id: '0000-kit-work', collections: [mails, jobs, nights] },
]

/**
 * Runs one service: its own database, its API, its part in the events, its health and its graceful stop. With `migrate` it
 * brings the database up to date, and ends.
 */
export const runService = <Settings extends ServiceSettings>(definition: ServiceDefinition<Settings>): Promise<void> =>
  process.argv[2] === 'migrate'
    ? migrateAlone(definition.name, [...kitMigrations, ...definition.migrations])
    : runProcess(definition.name, definition.readSettings, (kit) => startService(definition, kit))

/** Connects, migrates, builds and opens one service within a process that already runs. */
export const startService = async <Settings extends ServiceSettings>(
  { name, migrations, refusals, build }: ServiceDefinition<Settings>,
  { settings, log, health, onStop }: ProcessKit<Settings>,
): Promise<void> => {
  const stopWaiting = new AbortController()
  onStop(() => Promise.resolve(stopWaiting.abort()))
  const serve = await openDoor(settings, onStop)

  const redis = connectRedis(settings.REDIS_URL, log)
  onStop(() => Promise.resolve(redis.disconnect()))
  const mongoIsUp = health.waitFor('mongodb')
  const mongoOptions = {
    uri: settings.MONGODB_URI,
    database: settings.MONGODB_DATABASE,
    service: name,
    log,
    slowMs: settings.SLOW_QUERY_MS,
  }
  const db = await connectMongo({ ...mongoOptions, signal: stopWaiting.signal })
  onStop(() => db.close())
  mongoIsUp()
  health.check('mongodb', () => pingMongo(db))
  await migrate(db, [...kitMigrations, ...migrations], log)

  const now = () => new Date()
  const { files, server: fileServer } = await openFiles(settings, name, now)
  const auth = openAuthOffice({ name, settings, log })
  onStop(() => auth.stop())
  const parts = build({
    settings,
    db,
    redis,
    log,
    now,
    files,
    calendar: calendarOf(settings),
    serviceToken: auth.serviceToken,
  })
  await parts.prepare?.()
  const mailing = startMailSender({ db, log, now, port: createMailPort(settings, log) })
  onStop(() => mailing.stop())
  const broker = await connectBroker({ url: settings.RABBITMQ_URL, service: name, log })
  onStop(() => broker.close())
  takePartInEvents(parts, { db, broker, log }, onStop)
  doJobs(name, parts, { db, log, now }, onStop)
  serve(
    createHttpApp({
      name,
      endpoints: endpointsOf(parts, openDesk({ name, parts, db, broker, log, now, onStop })),
      refusals,
      log,
      environment: settings.NODE_ENV,
      db,
      ...{ answers: createAnswerBook(db, redis), readLog: createReadLog(db, name) },
      authenticate: auth.authenticate,
      ...(fileServer && { files: fileServer }),
    }),
  )
  waitForBroker(broker, health.waitFor('rabbitmq'))
}

/** All endpoints of a service: its own, and the kit's where they have something to show. */
export const endpointsOf = ({ endpoints, jobs: kinds = [] }: ServiceParts, desk: DeskDeps): readonly Endpoint[] => [
  ...endpoints,
  ...(kinds.length > 0 ? jobEndpoints(desk) : []),
  ...opsEndpoints(desk),
]

const doJobs = (
  service: string,
  { jobs: kinds = [] }: ServiceParts,
  deps: Omit<WorkerDeps, 'kinds'>,
  onStop: (step: () => Promise<void>) => void,
): void => {
  const foreign = kinds.find(({ name }) => `${serviceOf(name)}-service` !== service)
  if (foreign) throw new Error(`The name of the job ${foreign.name} must begin with that of ${service}`)
  if (kinds.length === 0) return
  const worker = startJobWorker({ ...deps, kinds })
  onStop(() => worker.stop())
}

const calendarOf = ({ BUSINESS_TIMEZONE: zone, BUSINESS_HOLIDAYS: holidays }: ServiceSettings): Calendar =>
  createCalendar({ zone, holidays })

type EventDeps = { db: Connection; broker: Broker; log: Log }

const takePartInEvents = (
  { consumers = {}, projections = {}, background = [] }: ServiceParts,
  deps: EventDeps,
  onStop: (step: () => Promise<void>) => void,
): void => {
  const relay = startRelay(deps)
  onStop(() => relay.stop())
  for (const [queue, handlers] of Object.entries(consumers)) {
    const consumer = startConsumer({ ...deps, queue: queue as QueueName, handlers })
    onStop(() => consumer.stop())
  }
  for (const [name, { projectors, others }] of Object.entries(projections)) {
    const reader = startProjection({ ...deps, name, projectors, others })
    onStop(() => reader.stop())
  }
  for (const start of background) {
    const work = start()
    onStop(() => work.stop())
  }
}

// Only at the start: later an absent broker stops no request, because the outbox holds the events.
const waitForBroker = (broker: Broker, isUp: () => void): void => {
  const timer = setInterval(() => {
    if (!broker.isReady()) return
    clearInterval(timer)
    isUp()
  }, 50)
  timer.unref()
}

/** Takes the port at once, so that a taken one is known at once; until the service is built it answers 503. */
const openDoor = async (
  { HOST, PORT }: ServiceSettings,
  onStop: (step: () => Promise<void>) => void,
): Promise<(listener: RequestListener) => void> => {
  let current: RequestListener = answerStarting
  const door = await listen((request, response) => void current(request, response), {
    host: HOST,
    port: PORT,
    setting: 'PORT',
  })
  onStop(() => door.close())
  return (listener) => (current = listener)
}

const answerStarting = (request: IncomingMessage, response: ServerResponse): void => {
  const problem = toProblem(refuse('dependency_unavailable', { dependency: 'this service' }), {
    instance: request.url ?? '/',
    requestId: uuidv7(),
    showFaults: false,
  })
  response.writeHead(problem.status, problemHeaders(problem)).end(JSON.stringify(problem))
}
