import { createHash } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Stripe } from 'stripe'
import type { Bank } from './bank.js'
import { authenticate } from './intents.js'
import { page, returnTo } from './page.js'
import { routeOf } from './routing.js'
import { newId } from './state.js'
import { WireError, parseForm } from './wire.js'

const BODY_MAX = 100_000

/** Speaks the provider's wire form: forms in, JSON out, an error object for what is refused. */
export const createServer =
  (bank: Bank): RequestListener =>
  (request, response) => {
    answer(bank, request, response).catch((error: unknown) => {
      send(response, toAnswer(error))
    })
  }

type Answer = { status: number; json: string; replayed?: true }

const answer = async (bank: Bank, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const url = new URL(request.url ?? '/', 'http://sandbox')
  const body = await bodyOf(request)
  const shown = /^\/3d-secure\/(\w+)$/.exec(url.pathname)?.[1]
  if (shown !== undefined) return showPage(bank, { id: shown, method: request.method ?? '', body }, response)
  refuseWithoutKey(request)
  const route = routeOf(request.method ?? '', url.pathname)
  const act = () => route(bank, parseForm(request.method === 'POST' ? body : url.search.slice(1)))
  const key = request.method === 'POST' ? request.headers['idempotency-key'] : undefined
  if (typeof key !== 'string') return send(response, settle(act))
  send(
    response,
    once(bank, { key, fingerprint: fingerprintOf(url.pathname + body) }, () => settle(act)),
  )
}

const settle = (act: () => object): Answer => {
  try {
    return { status: 200, json: JSON.stringify(act()) }
  } catch (error) {
    return toAnswer(error)
  }
}

const toAnswer = (error: unknown): Answer => {
  if (error instanceof WireError) return { status: error.status, json: JSON.stringify({ error: error.fields }) }
  const fields = { type: 'api_error', message: 'An unknown error occurred' }
  return { status: 500, json: JSON.stringify({ error: fields }) }
}

const refuseWithoutKey = ({ headers }: IncomingMessage): void => {
  if (/^(Bearer|Basic) \S+/.test(headers.authorization ?? '')) return
  throw new WireError(401, { type: 'invalid_request_error', message: 'You did not provide an API key.' })
}

/** The first answer under a key, for whoever repeats the request; what was refused before it was tried is not kept. */
const once = (
  { state, now }: Bank,
  { key, fingerprint }: { key: string; fingerprint: string },
  act: () => Answer,
): Answer => {
  const id = `idempotency:${key}`
  const earlier = state.get(id)
  if (earlier && earlier['fingerprint'] !== fingerprint) {
    const message = 'Keys for idempotent requests can only be used with the same parameters they were first used with.'
    return toAnswer(new WireError(400, { type: 'idempotency_error', message }))
  }
  if (earlier) return { status: Number(earlier['status']), json: String(earlier['json']), replayed: true }
  const first = act()
  if (first.status === 200 || first.status === 402) state.put({ id, object: 'idempotency', created: now(), fingerprint, ...first }) // prettier-ignore
  return first
}

const fingerprintOf = (text: string): string => createHash('sha256').update(text).digest('base64url')

const send = (response: ServerResponse, { status, json, replayed }: Answer): void => {
  response.writeHead(status, {
    ...{ 'content-type': 'application/json', 'request-id': newId('req'), 'stripe-version': Stripe.API_VERSION },
    ...(replayed && { 'idempotent-replayed': 'true' }),
  })
  response.end(json)
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    length += (chunk as Buffer).length
    if (length > BODY_MAX)
      throw new WireError(413, { type: 'invalid_request_error', message: 'The request is too large' })
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks).toString()
}

type Shown = { id: string; method: string; body: string }

/** The page of the payer's bank: a yes or a no brings them back to the shop. */
const showPage = (bank: Bank, { id, method, body }: Shown, response: ServerResponse): void => {
  if (method !== 'POST') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page(bank, id))
    return
  }
  const intent = authenticate(bank, id, parseForm(body)['outcome'] === 'complete')
  response.writeHead(303, { location: returnTo(intent) }).end()
}
