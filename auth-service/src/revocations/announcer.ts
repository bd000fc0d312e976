import { REVOCATIONS_CHANNEL } from '@countinghouse/shared/contracts/revocation'
import { native } from '@countinghouse/shared/mongo/transaction'
import type { Background, ServiceKit } from '@countinghouse/shared/service'
import { toNotice, type Revocation } from './domain.js'
import { revocations } from './store.js'

export type Deps = Pick<ServiceKit, 'db' | 'redis' | 'log'>

const WATCH_AGAIN_AFTER_MS = 1_000

/**
 * Tells every process of each revocation as soon as it is committed. What is lost here, because Redis or the change
 * stream was away, the processes find in the list within two seconds.
 */
export const startAnnouncer = ({ db, redis, log }: Deps): Background => {
  const stopping = new AbortController()
  const announce = (revocation: Revocation): void => {
    redis.publish(REVOCATIONS_CHANNEL, JSON.stringify(toNotice(revocation))).catch((error: unknown) => {
      log.warn({ reason: String(error) }, 'A revocation is not announced; the processes will find it in the list')
    })
  }
  const open = () => {
    const stream = native(db, revocations).watch<Revocation>([{ $match: { operationType: 'insert' } }])
    stream.on('change', (change) => {
      if (change.operationType === 'insert') announce(change.fullDocument)
    })
    stream.on('error', (error) => {
      if (stopping.signal.aborted) return
      log.warn({ reason: String(error) }, 'The revocations are not watched; opening the change stream again')
      setTimeout(() => {
        if (!stopping.signal.aborted) current = open()
      }, WATCH_AGAIN_AFTER_MS).unref()
    })
    return stream
  }
  let current = open()
  return {
    stop: async () => {
      stopping.abort()
      await current.close()
    },
  }
}
