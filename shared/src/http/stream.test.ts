import { expect, test } from '@jest/globals'
import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Streamed, sendStream } from './stream.js'

const served = async (chunks: () => AsyncIterable<string>, failed: (error: unknown) => void = () => undefined) => {
  const server = createServer((_request, response) => {
    sendStream(response, new Streamed('text/plain', chunks())).catch(failed)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ port, host: '127.0.0.1' }, resolve).on('error', reject)
  })
  return { server, answer }
}
const end = (server: Server) => new Promise((resolve) => server.close(resolve))

test('what is streamed arrives in the order it was made', async () => {
  const { server, answer } = await served(async function* () {
    for (const part of ['one ', 'two ', 'three']) yield part
  })
  expect((await answer.toArray()).join('')).toBe('one two three')
  await end(server)
})

test('a stream that breaks off is no complete answer', async () => {
  const errors: unknown[] = []
  const broken = async function* () {
    yield 'one '
    throw new Error('gone')
  }
  const { server, answer } = await served(broken, (error) => errors.push(error))
  await expect(answer.toArray()).rejects.toThrow('aborted')
  expect(errors).toEqual([new Error('gone')])
  await end(server)
})

test('a caller who leaves ends the work, and that is no fault', async () => {
  const errors: unknown[] = []
  let ended: () => void
  const over = new Promise<void>((resolve) => (ended = resolve))
  const endless = async function* () {
    try {
      for (;;) yield 'x'.repeat(10_000)
    } finally {
      ended()
    }
  }
  const { server, answer } = await served(endless, (error) => errors.push(error))
  answer.destroy()
  await over
  expect(errors).toEqual([])
  await end(server)
})
