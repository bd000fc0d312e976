import { Agent, fetch, type Response } from 'undici'
import type { z } from 'zod'
import { currentContext } from '../context.js'
import { Refusal, refuse } from '../refusal.js'
import { createCircuit } from './circuit.js'

export type ClientCall = {
  method?: 'GET' | 'POST'
  path: string
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

export const createServiceClient = (upstream: string, baseUrl: string): ServiceClient => {
  const agent = new Agent({ connect: { timeout: 500 }, keepAliveTimeout: 4_000, connections: 64 })
  const send = async ({ method = 'GET', path, ...call }: ClientCall): Promise<Response> => {
    const response = await fetch(baseUrl + path, {
      method,
      dispatcher: agent,
      headers: headersOf(call),
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (response.status >= 500) throw new Error(`${upstream} answered ${response.status.toString()}`)
    return response
  }
  const circuit = createCircuit(upstream, send)
  return {
    call: async (call, answer) => {
      const response = await circuit.fire(call).catch(() => {
        throw refuse('dependency_unavailable', { dependency: upstream })
      })
      const body: unknown = await response.json()
      if (response.status >= 400) throw toRefusal(response.status, body)
      return answer.parse(body)
    },
  }
}

const headersOf = ({ authorization, idempotencyKey, body }: Omit<ClientCall, 'path'>): Record<string, string> => {
  const context = currentContext()
  return {
    accept: 'application/json',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(authorization !== undefined && { authorization }),
    ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
    ...(context && { 'x-request-id': context.requestId, traceparent: context.traceparent }),
  }
}

const toRefusal = (status: number, body: unknown): Refusal => {
  const { code, detail } = body as { code?: string; detail?: string }
  return new Refusal(code ?? 'refused', status, detail ?? 'The request was refused')
}
