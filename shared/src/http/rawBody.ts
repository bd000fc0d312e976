import type { IncomingMessage, ServerResponse } from 'node:http'

const bodies = new WeakMap<object, Buffer>()

/** Keeps the bytes of a body that is parsed, for as long as its request lives. */
export const keepRawBody = (request: IncomingMessage, _response: ServerResponse, body: Buffer): void => {
  bodies.set(request, body)
}

/** The bytes of a request's body as they came, for a signature over them; empty when there was none to parse. */
export const rawBodyOf = (request: object): Buffer => bodies.get(request) ?? Buffer.alloc(0)
