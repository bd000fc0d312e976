import type { Request, Response } from 'express'
import type { Connection } from 'mongoose'
import type { z } from 'zod'
import { compiled } from '../compiled.js'
import { currentContext } from '../context.js'
import { answerOf, claimOf, type Answer, type AnswerBook, type Claim } from '../idempotency.js'
import { forEvery } from '../latest.js'
import { withoutPersons } from '../persons.js'
import { refuse, type Refusal } from '../refusal.js'
import { credentialOf, type Authenticate } from './auth.js'
import { accessNamesOf, actorOf, anonymous, type Caller, type UserCaller } from './caller.js'
import { hasAlready, tagOf } from './conditional.js'
import { Settled, type Endpoint } from './endpoint.js'
import { Feed, Page, feedHeaders, pageHeaders } from './page.js'
import { PROBLEM_TYPE, toProblem, validationRefusal } from './problem.js'
import { readOf, type ReadLog } from './readLog.js'
import { settler } from './settle.js'
import { Streamed, sendStream } from './stream.js'

const JSON_TYPE = 'application/json; charset=utf-8'

/** What routes need from their service. A process without a database cannot have routes that call `once`. */
export type EndpointDeps = {
  authenticate: Authenticate
  db: Connection
  answers: AnswerBook
  readLog: ReadLog
}

/** Serves one request of one endpoint: authenticate, authorise, validate, handle, send. */
export const runEndpoint = async (
  spec: Endpoint,
  deps: EndpointDeps,
  request: Request,
  response: Response,
): Promise<void> => {
  const caller = spec.access === 'public' ? anonymous : await deps.authenticate(credentialOf(request.headers))
  noteActor(caller)
  authorise(spec, caller)
  const input = parseInput(spec, request)
  const claim = claimFor(spec, request, caller, input)
  const { once, answering } = settler({
    db: deps.db,
    answers: deps.answers,
    claim,
    toAnswer: (view) => toAnswer(spec, view),
    toRefusedAnswer: (refusal) => toRefusedAnswer(refusal, request),
  })
  const { params, query, body } = input
  const result = await spec.handle({
    params,
    query,
    body,
    caller,
    claim,
    once,
    answering,
    get user() {
      return userOf(caller)
    },
    authorization: credentialOf(request.headers),
    userAgent: request.headers['user-agent'],
    get address() {
      return request.ip ?? ''
    },
    incoming: request,
    ifMatch: ifMatchOf(request),
  })
  const read = readOf(spec, request, caller, result)
  if (read) await deps.readLog(read)
  if (result instanceof Streamed) await sendStream(response, result)
  else send(shownTo(spec, caller), request, response, result)
}

// Who only reads does not see who somebody is.
const shownTo = (spec: Endpoint, caller: Caller): Endpoint => {
  if (spec.reads?.data !== 'personal' || caller.kind !== 'user' || caller.role !== 'viewer') return spec
  return { ...spec, view: masked(spec.view) }
}

const masked = forEvery((view: z.ZodType): z.ZodType => view.transform((shown) => withoutPersons(shown)))

const noteActor = (caller: Caller): void => {
  const context = currentContext()
  if (context) context.actor = actorOf(caller)
}

const authorise = ({ access }: Endpoint, caller: Caller): void => {
  if (access === 'public' || access === 'anyone') return
  if (caller.kind === 'anonymous') throw refuse('unauthenticated')
  const names: readonly string[] = access
  if (!accessNamesOf(caller).some((name) => names.includes(name))) throw refuse('forbidden')
}

const userOf = (caller: Caller): UserCaller => {
  if (caller.kind !== 'user') throw refuse(caller.kind === 'anonymous' ? 'unauthenticated' : 'forbidden')
  return caller
}

type Input = { params: Record<string, unknown>; query: Record<string, unknown>; body: unknown }

const parseInput = (spec: Endpoint, request: Request): Input => ({
  params: parsePart(spec.params && strictly(spec.params), 'path', request.params),
  query: parsePart(spec.query && strictly(spec.query), 'query', request.query),
  body: spec.body ? parsePart(spec.body, 'body', bodyOf(spec, request)) : undefined,
})

const strictly = forEvery((schema: z.ZodObject) => schema.strict())

const parsePart = <Schema extends z.ZodType>(
  schema: Schema | undefined,
  part: string,
  value: unknown,
): z.output<Schema> => {
  if (!schema) return {} as z.output<Schema>
  const parsed = compiled(schema).safeParse(value, { reportInput: true })
  if (!parsed.success) throw validationRefusal(part, parsed.error)
  return parsed.data
}

// The key may travel in the body of older clients; it is no part of the payload.
const bodyOf = (spec: Endpoint, request: Request): unknown => {
  if (isWithoutBody(request) && spec.body?.safeParse({}).success) return {}
  if (!request.is('application/json') && !(spec.form && request.is('application/x-www-form-urlencoded')))
    throw refuse('unsupported_media_type')
  const body: unknown = request.body ?? {}
  if (!spec.idempotent || typeof body !== 'object' || body === null || !('idempotency_key' in body)) return body
  const { idempotency_key: _key, ...payload } = body
  return payload
}

const isWithoutBody = ({ headers }: Request): boolean =>
  headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0

const claimFor = (spec: Endpoint, request: Request, caller: Caller, input: Input): Claim | undefined => {
  if (!spec.idempotent) return undefined
  const fromBody = (request.body as { idempotency_key?: unknown } | undefined)?.idempotency_key
  const key = request.headers['idempotency-key'] ?? fromBody
  if (key === undefined && caller.kind === 'service') throw refuse('idempotency_key_missing')
  if (key === undefined) return undefined
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) throw refuse('idempotency_key_malformed')
  return claimOf(
    {
      actor: actorOf(caller),
      operation: `${spec.method} ${spec.aliasOf ?? spec.path}`,
      key: key.replace(/^"(.*)"$/, '$1'),
    },
    input,
  )
}

const ifMatchOf = (request: Request): number | undefined => {
  const tag = request.headers['if-match']
  if (tag === undefined || tag === '*') return undefined
  const version = /^"(\d+)(?:-[\w-]+)?"$/.exec(tag)?.[1]
  if (version === undefined) throw refuse('version_conflict')
  return Number(version)
}

const toAnswer = (spec: Endpoint, view: unknown): Answer => {
  if (spec.status === 204) return answerOf(204, undefined)
  const parsed = compiled(spec.view).parse(view)
  return answerOf(spec.isOpen?.(parsed) ? 202 : (spec.status ?? 200), parsed)
}

const toRefusedAnswer = (refusal: Refusal, request: Request): Answer => {
  const requestId = currentContext()?.requestId ?? ''
  const problem = toProblem(refusal, { instance: request.originalUrl, requestId, showFaults: false })
  return answerOf(problem.status, problem)
}

const send = (spec: Endpoint, request: Request, response: Response, result: unknown): void => {
  if (spec.headers) response.set(spec.headers)
  if (result instanceof Settled) sendSettled(response, result)
  else if (result instanceof Page || result instanceof Feed) {
    const headersOf =
      result instanceof Page ? pageHeaders(result, request.originalUrl) : feedHeaders(result, request.originalUrl)
    response.set(headersOf)
    const answer = answerOf(
      200,
      result.items.map((item) => compiled(spec.view).parse(item)),
    )
    sendUnlessKnown(spec, request, response, answer)
  } else sendUnlessKnown(spec, request, response, toAnswer(spec, result))
}

const sendUnlessKnown = (spec: Endpoint, request: Request, response: Response, answer: Answer): void => {
  if (spec.conditional) {
    const tag = tagOf(answer.json, { version: versionIn(answer.json), total: response.getHeader('x-total-count') })
    response.setHeader('etag', tag)
    if (hasAlready(request.headers, tag)) return void response.status(304).end()
  }
  sendSettled(response, new Settled(answer, false))
}

const sendSettled = (response: Response, { answer: { status, json }, replayed }: Settled): void => {
  if (replayed) response.setHeader('idempotent-replayed', 'true')
  response.statusCode = status
  if (status === 204) return void response.end()
  if (!response.hasHeader('etag')) {
    const version = versionIn(json)
    if (version !== undefined) response.setHeader('etag', `"${version.toString()}"`)
  }
  response.setHeader('content-type', status >= 400 ? PROBLEM_TYPE : JSON_TYPE)
  response.end(json)
}

// Most answers are lists or of things that have no version, and need not be read for it.
const versionIn = (json: string): number | undefined => {
  if (!json.startsWith('{') || !json.includes('"version":')) return undefined
  const { version } = JSON.parse(json) as { version?: unknown }
  return typeof version === 'number' ? version : undefined
}
