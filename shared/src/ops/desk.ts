import type { Connection } from 'mongoose'
import type { Log } from '../log.js'
import type { Broker } from '../messaging/broker.js'
import { EVENT_STREAM } from '../messaging/topology.js'
import type { ServiceParts } from '../service.js'
import { startClerk } from './clerk.js'
import type { Deps } from './routes.js'
import { watchSagas } from './sagas.js'

type Options = {
  name: string
  parts: ServiceParts
  db: Connection
  broker: Broker
  log: Log
  now: () => Date
  onStop: (step: () => Promise<void>) => void
}

/** Opens the operator's desk of a service: its dead letters are kept, its sagas are watched. */
export const openDesk = ({ name, parts, db, broker, log, now, onStop }: Options): Deps => {
  const { consumers = {}, projections = {}, sagas = [], shown = {} } = parts
  const queues = [...Object.keys(consumers), ...(Object.keys(projections).length > 0 ? [EVENT_STREAM] : [])]
  const clerk = startClerk({ db, broker, log, queues })
  onStop(() => clerk.stop())
  const watching = watchSagas({ db, log, now, sagas })
  onStop(() => watching.stop())
  return { name, db, now, clerk, sagas, shown }
}
