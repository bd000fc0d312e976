import { createHash } from 'node:crypto'
import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { eventually } from '@countinghouse/shared/testing/eventually'

export const MEGABYTE = 1024 * 1024
const CHUNK = Buffer.alloc(64 * 1024, 'countinghouse')

/** A stream of that many bytes, and how many of them were taken so far. */
export const source = (size: number): { stream: Readable; taken: () => number } => {
  let taken = 0
  const stream = new Readable({
    read() {
      this.push(taken === size ? null : CHUNK)
      taken = Math.min(taken + CHUNK.length, size)
    },
  })
  return { stream, taken: () => taken }
}

/** Settles when the flow has come to a halt. */
export const stalled = async (taken: () => number): Promise<void> => {
  let before = 0
  let calmLooks = 0
  await eventually(() => {
    calmLooks = taken() === before ? calmLooks + 1 : 0
    before = taken()
    if (before === 0 || calmLooks < 5) throw new Error('It still flows')
  })
}

/** How many bytes the buffers of this process hold, garbage aside. */
export const heldBytes = (): number => {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().arrayBuffers
}

/** The length and the hash of all that a stream gives. */
export const digest = async (stream: Readable): Promise<string> => {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of stream) {
    hash.update(chunk as Buffer)
    size += (chunk as Buffer).length
  }
  return `${size.toString()} ${hash.digest('hex')}`
}

/** Begins a request without agent or helper, so that a test decides about every byte. */
export const begin = (url: string, method = 'GET', headers: Record<string, string | number> = {}): ClientRequest =>
  request(url, { method, headers, agent: false })

export const answerOf = (sent: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    sent.once('response', resolve).once('error', reject)
  })

/** Sends 5 MB, then again on the connection of the first time; answers both statuses. */
export const twiceOnOneConnection = async (url: string): Promise<(number | undefined)[]> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const statuses = []
  for (const isReused of [false, true]) {
    const sent = request(url, { method: 'POST', agent })
    sent.end(Buffer.alloc(5 * MEGABYTE))
    const answer = await answerOf(sent)
    await digest(answer)
    await eventually(() => {
      if (!sent.writableFinished) throw new Error('The body was not taken')
    })
    if (sent.reusedSocket !== isReused) throw new Error('The connection was not kept')
    statuses.push(answer.statusCode)
  }
  agent.destroy()
  return statuses
}
