import { Agent, fetch, type Response } from 'undici'
import type { z } from 'zod'
import { currentContext } from '../context.js'
import { Refusal, refuse } from '../refusal.js'
import { LATENCY_BUCKETS, histogram } from '../metrics.js'
import { beginSpan } from '../tracing/span.js'
import type { ServiceToken } from './authService.js'
import { createCircuit } from './circuit.js'

export type ClientCall = {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  /** On a caller's behalf; without it the call is made under the service's own identity, if the client has one. */
  authorization?: string
  idempotencyKey?: string
  body?: unknown
}

/** Calls another service of the platform where the answer is needed now. */
export interface ServiceClient {
  /** The parsed answer; passes on the other side's refusal; refuses as `dependency_unavailable` when it does not answer. */
  call<Schema extends z.ZodType>(call: ClientCall, answer: Schema): Promise<z.output<Schema>>
}

const TIMEOUT_MS = 5_000

/** A client for one service, through a pool and a breaker of its own. */
export const createServiceClient = (upstream: string, baseUrl: string, serviceToken?: ServiceToken): ServiceClient => {
  const agent = new Agent({ connect: { timeout: 500 }, keepAliveTimeout: 4_000, connections: 64 })
  const circuit = createCircuit(upstream, async ({ method = 'GET', path, ...call }: ClientCall): Promise<Response> => {
    const exchange = beginExchange(upstream, method)
    const response = await fetch(baseUrl + path, {
      method,
      dispatcher: agent,
      headers: { ...headersOf(call), traceparent: exchange.traceparent },
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(exchange.broke)
    exchange.answered(response.status)
    if (response.status >= 500) throw new Error(`${upstream} answered ${response.status.toString()}`)
    return response
  })
  const send = (call: ClientCall): Promise<Response> =>
    circuit.fire(call).catch(() => {
      throw refuse('dependency_unavailable', { dependency: upstream })
    })
  const sendAsMyself = async (call: ClientCall, token: ServiceToken): Promise<Response> => {
    const response = await trySend(send, call, token)
    if (response.status !== 401) return response
    await response.text()
    return trySend(send, call, token)
  }
  return {
    call: async (call, answer) => {
      const ownToken = call.authorization === undefined ? serviceToken : undefined
      const response = await (ownToken ? sendAsMyself(call, ownToken) : send(call))
      const body = await bodyOf(response)
      // The caller of the caller has no part in this: no answer may tell them to log in.
      if (ownToken && (response.status === 401 || response.status === 403))
        throw new Error(`${upstream} does not let this service do ${call.method ?? 'GET'} ${call.path}`)
      if (response.status >= 400) throw toRefusal(response.status, body)
      return answer.parse(body)
    },
  }
}

const duration = histogram('http_client_request_duration_seconds', 'Calls of other services', LATENCY_BUCKETS, [
  'upstream',
  'http_request_method',
  'http_response_status_code',
])

/** Measures one call, and lets it travel on in a span of its own. */
const beginExchange = (upstream: string, method: string) => {
  const startedAt = performance.now()
  const span = beginSpan({ name: `${method} ${upstream}`, kind: 'client', parent: currentContext()?.traceparent })
  const end = (status: number | 'none') => {
    const labels = { upstream, http_request_method: method, http_response_status_code: status }
    duration.observe(labels, (performance.now() - startedAt) / 1000)
    span.end({ attributes: { 'http.response.status_code': status }, failed: status === 'none' || status >= 500 })
  }
  return {
    traceparent: span.traceparent,
    answered: end,
    broke: (error: unknown): never => {
      end('none')
      throw error
    },
  }
}

const trySend = async (
  send: (call: ClientCall) => Promise<Response>,
  call: ClientCall,
  token: ServiceToken,
): Promise<Response> => {
  const authorization = await token.authorization()
  const response = await send({ ...call, authorization })
  if (response.status === 401) token.forget(authorization)
  return response
}

const bodyOf = async (response: Response): Promise<unknown> => {
  const text = await response.text()
  return text === '' ? undefined : JSON.parse(text)
}

const headersOf = ({ authorization, idempotencyKey, body }: Omit<ClientCall, 'path'>): Record<string, string> => {
  const context = currentContext()
  return {
    accept: 'application/json',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(authorization !== undefined && { authorization }),
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    ...(context && { 'x-request-id': context.requestId }),
  }
}

const toRefusal = (status: number, body: unknown): Refusal => {
  const { code, detail, ...members } = (body ?? {}) as { code?: string; detail?: string }
  const context = Object.entries(members).filter(([name]) => !OF_THE_ANSWER.includes(name))
  return new Refusal(code ?? 'refused', status, detail ?? 'The request was refused', Object.fromEntries(context))
}

// The other members of a problem say what was refused, and are passed on.
const OF_THE_ANSWER = ['type', 'title', 'status', 'message', 'instance', 'request_id', 'errors']
