import { REVOCATIONS_CHANNEL, REVOCATIONS_PATH, RevocationNotice, RevocationPage } from '../contracts/revocation.js'
import type { Log } from '../log.js'
import { gauge } from '../metrics.js'
import { connectRedis } from '../redis.js'
import { refuse } from '../refusal.js'
import { repeat } from '../repeat.js'
import type { Background } from '../service.js'
import type { Revoked } from './authRevoked.js'
import type { ServiceClient } from './client.js'

export type FeedOptions = { auth: ServiceClient; redisUrl: string; revoked: Revoked; log: Log }

export type RevocationFeed = Background & {
  /** Settles when the list has been read once; refuses when auth-service cannot tell it. */
  known(): Promise<void>
}

const READ_EVERY_MS = 2_000

const knownRevocations = gauge(
  'revocations_known',
  'Sessions, users and keys whose tokens are refused before their end',
)
const lastRead = gauge('revocations_read_timestamp_seconds', 'When the list of revocations was last read')

/**
 * Keeps what is revoked in memory: Redis tells it at once, and the list of auth-service is read every two seconds, for
 * when Redis is away or has lost a message.
 */
export const followRevocations = ({ auth, redisUrl, revoked, log }: FeedOptions): RevocationFeed => {
  const readList = listReader(auth, revoked)
  let isRead = false
  let isFailing = false
  let reading: Promise<void> | undefined
  const readOnce = async (): Promise<void> => {
    try {
      await readList()
      isRead = true
      isFailing = false
    } catch (error) {
      if (!isFailing) log.warn({ reason: String(error) }, 'The list of revocations cannot be read; trying again')
      isFailing = true
      throw error
    } finally {
      revoked.sweep(Date.now())
      knownRevocations.set(revoked.size())
    }
  }
  const read = (): Promise<void> => (reading ??= readOnce().finally(() => (reading = undefined)))
  const work = () => read().catch(() => undefined)
  const reader = repeat({ everyMs: READ_EVERY_MS, work, log, failure: 'The list of revocations cannot be read' })
  void work()
  const stopListening = listen(redisUrl, revoked, log)
  return {
    known: async () => {
      if (isRead) return
      await read().catch(() => {
        throw refuse('dependency_unavailable', { dependency: 'auth-service' })
      })
    },
    stop: () => {
      stopListening()
      void reader.stop()
      return Promise.resolve()
    },
  }
}

const listReader = (auth: ServiceClient, revoked: Revoked): (() => Promise<void>) => {
  let after = ''
  const readPage = async (): Promise<boolean> => {
    const page = await auth.call({ path: `${REVOCATIONS_PATH}?after=${after}` }, RevocationPage)
    for (const notice of page.revocations) revoked.add(notice)
    after = page.next
    return page.more
  }
  return async () => {
    while (await readPage());
    lastRead.setToCurrentTime()
  }
}

const listen = (redisUrl: string, revoked: Revoked, log: Log): (() => void) => {
  const redis = connectRedis(redisUrl, log)
  redis.on('ready', () => {
    redis.subscribe(REVOCATIONS_CHANNEL).catch(() => {
      redis.disconnect(true)
    })
  })
  redis.on('message', (_channel, message) => {
    const notice = RevocationNotice.safeParse(parseJson(message))
    if (notice.success) revoked.add(notice.data)
    else log.warn({ channel: REVOCATIONS_CHANNEL }, 'A message that is no revocation was passed over')
  })
  return () => {
    redis.disconnect()
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
