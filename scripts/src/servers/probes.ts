import { connect } from 'node:net'
import { Redis } from 'ioredis'
import { mongo } from 'mongoose'

const attemptMs = 2_000

/** Passes when MongoDB takes writes and is a member of a replica set, which transactions and change streams need. */
export const probeMongodb = async (uri: string): Promise<void> => {
  const client = new mongo.MongoClient(uri, { serverSelectionTimeoutMS: attemptMs, connectTimeoutMS: attemptMs })
  try {
    const hello = await client.db('admin').command({ hello: 1 })
    if (!hello['setName'] && hello['msg'] !== 'isdbgrid') throw new Error('it is not a replica set')
    if (!hello['isWritablePrimary']) throw new Error('it is not a writable primary yet')
  } finally {
    await client.close()
  }
}

/** Passes when RabbitMQ takes AMQP connections and its management answers this user. */
export const probeRabbitmq = async (url: string, adminUrl: string): Promise<void> => {
  const { username, password, origin } = new URL(adminUrl)
  const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')
  const response = await fetch(`${origin}/api/overview`, {
    headers: { authorization: `Basic ${basic}`, connection: 'close' },
    signal: AbortSignal.timeout(attemptMs),
  })
  await response.body?.cancel()
  if (!response.ok) throw new Error(`its management answers ${response.status}`)
  await probePort(new URL(url))
}

const probePort = ({ hostname, port, protocol }: URL): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port || (protocol === 'amqps:' ? 5671 : 5672)) })
    socket.setTimeout(attemptMs, () => socket.destroy(new Error('no answer')))
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.destroy()
      resolve()
    })
  })

/** Passes when Redis answers. */
export const probeRedis = async (url: string): Promise<void> => {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: attemptMs })
  redis.on('error', () => undefined)
  try {
    await redis.connect()
    await redis.ping()
  } finally {
    redis.disconnect()
  }
}
