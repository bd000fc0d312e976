import type { IncomingMessage } from 'node:http'
import { Transform } from 'node:stream'
import { refuse } from '../errors.js'

/** A body on its way: none, one small enough to be sent again, or a stream that can be sent once. */
export type Body = Buffer | Transform | null
export type BodyLimits = { readonly bodyMaxBytes: number; readonly uploadMaxBytes: number }

// No more than a stream holds anyway.
const KEPT_MAX_BYTES = 16 * 1024
const DRAINED_FOR_MS = 2_000

// What a service parses as a whole has to be small; anything else is an upload.
const PARSED = /^\s*application\/(?:[\w.-]+\+)?(?:json|x-www-form-urlencoded)\b/i

/** Takes the body of a request, or as much of it as is needed to know that it is larger than it may be. */
export const takeBody = (request: IncomingMessage, limits: BodyLimits): Body | Promise<Body> => {
  const { 'content-length': told, 'transfer-encoding': coding, 'content-type': type } = request.headers
  if (coding === undefined && (told === undefined || told === '0')) return null
  const limit = type === undefined || PARSED.test(type) ? limits.bodyMaxBytes : limits.uploadMaxBytes
  const size = coding === undefined ? Number(told) : undefined
  if (size !== undefined && size > limit) throw tooLarge(request, limit)
  return size !== undefined && size <= KEPT_MAX_BYTES ? collected(request, size) : counted(request, limit)
}

// A client that goes on sending is heard out for a while, so that it reads the answer; then it is cut off.
const tooLarge = (request: IncomingMessage, limit: number): Error => {
  setTimeout(() => {
    if (!request.complete) request.socket.destroy()
  }, DRAINED_FOR_MS).unref()
  return refuse('payload_too_large', { limit })
}

const collected = (request: IncomingMessage, size: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.once('error', reject)
    request.once('end', () => {
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size))
    })
  })

// A destroyed request takes the client's connection along, and with it our answer; so what is sent on is a stream of its
// own, which may fail without the request, and what it leaves unread is drained.
const counted = (request: IncomingMessage, limit: number): Transform => {
  let size = 0
  const body = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      size += chunk.length
      if (size > limit) done(tooLarge(request, limit))
      else done(null, chunk)
    },
  })
  body.on('error', () => undefined)
  body.once('close', () => request.unpipe(body).resume())
  return request.pipe(body)
}
