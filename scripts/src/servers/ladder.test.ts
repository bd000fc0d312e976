import { describe, expect, jest, test } from '@jest/globals'
import { climb, missingSentence, startTogether } from './ladder.js'
import type { ProvisionOptions, Provided, Rung, ServerName } from './types.js'

const options: ProvisionOptions = { dataDir: '/nowhere', purpose: 'test', say: () => undefined }
const server = (origin: string) => ({ url: origin, origin, stop: jest.fn(async () => undefined) })

/** A rung that has some servers and remembers what it was asked for. */
const rung = (name: string, has: ServerName[]) => {
  const asked: ServerName[][] = []
  const given: Record<string, ReturnType<typeof server>> = {}
  const provide: Rung['provide'] = async (wanted) => {
    asked.push(wanted)
    for (const one of wanted.filter((one) => has.includes(one))) given[one] = server(name)
    return given
  }
  return { name, provide, asked, given }
}

describe('the ladder', () => {
  test('takes each server from the first rung that has it', async () => {
    const [first, second] = [rung('first', ['redis']), rung('second', ['mongodb', 'rabbitmq', 'redis'])]
    const found = await climb([first, second], options)
    expect([found.mongodb.origin, found.rabbitmq.origin, found.redis.origin]).toEqual(['second', 'second', 'first'])
    expect(second.asked).toEqual([['mongodb', 'rabbitmq']])
  })

  test('does not climb on when all are found', async () => {
    const [first, second] = [rung('first', ['mongodb', 'rabbitmq', 'redis']), rung('second', [])]
    await climb([first, second], options)
    expect(second.asked).toEqual([])
  })

  test('leaves nothing half-started when one server cannot be had', async () => {
    const first = rung('first', ['mongodb', 'redis'])
    await expect(climb([first], options)).rejects.toThrow('RabbitMQ cannot be had on this machine')
    expect(first.given['mongodb']?.stop).toHaveBeenCalledTimes(1)
    expect(first.given['redis']?.stop).toHaveBeenCalledTimes(1)
  })

  test('names what is missing and the three ways to supply it', () => {
    const sentence = missingSentence(['mongodb', 'rabbitmq'])
    expect(sentence).toContain('MongoDB, RabbitMQ cannot be had')
    expect(sentence).toContain('Docker')
    expect(sentence).toContain('mongod, rabbitmq-server')
    expect(sentence).toContain('MONGODB_URI, RABBITMQ_URL, RABBITMQ_ADMIN_URL')
    expect(sentence).not.toContain('REDIS_URL')
  })
})

describe('servers that start together', () => {
  test('are all stopped, and those still starting given up, when one fails', async () => {
    const redis = server('redis')
    const waiting = ({ signal }: ProvisionOptions) =>
      new Promise<Provided>((_, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('given up')))
      })
    const failing = () => Promise.reject<Provided>(new Error('no space left'))
    const starts = { mongodb: waiting, rabbitmq: failing, redis: () => Promise.resolve(redis) }
    await expect(startTogether(starts, options)).rejects.toThrow('no space left')
    expect(redis.stop).toHaveBeenCalledTimes(1)
  })
})
