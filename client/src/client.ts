import type { Operations, Problem } from './generated/operations.js'

export type { Problem }

export type Answer<Body = unknown> =
  | { ok: true; status: number; headers: Headers; body: Body }
  | { ok: false; status: number; headers: Headers; body: Problem }

export type Exchange = { method: string; path: string; answer: Answer; ms: number }

export type ClientOptions = {
  /** Where the gateway answers, without a path. */
  baseUrl: string
  timeoutMs?: number
  /** Is told of every request and its answer. */
  onExchange?: (exchange: Exchange) => void
}

/** What may go with any request. */
export type Extras = {
  /** The access token. */
  token?: string | undefined
  /** The idempotency key: a repeat with it has no second effect. */
  key?: string
  /** The version that was read; the request is refused when it was changed since. */
  ifMatch?: number
  headers?: Record<string, string>
}

type Parameters = Record<string, unknown>
export type Call = Extras & { params?: Parameters; query?: Parameters; body?: unknown; form?: FormData | Blob }

/** What an operation of the document answers when it succeeds: `AnswerTo<'GET /loans/{id}'>`. */
export type AnswerTo<Name extends keyof Operations> = Operations[Name]['answer']

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'
type PathOf<Name, Verb extends Method> = Name extends `${Uppercase<Verb>} ${infer Path}` ? Path : never
/** The paths that answer this method. */
export type PathsOf<Verb extends Method> = PathOf<keyof Operations, Verb>

type OperationAt<Verb extends Method, Path extends string> = Operations[Extract<
  keyof Operations,
  `${Uppercase<Verb>} ${Path}`
>]
type CallOf<Operation> = Omit<Operation, 'answer'> & Extras
type Arguments<Options> = Record<never, never> extends Options ? [call?: Options] : [call: Options]
type AnswerOf<Operation> = Operation extends { answer: infer Body } ? Answer<Body> : never

/** Calls a route by its path in the API document, with what it takes; a refusal is an answer too, and never thrown. */
type Caller<Verb extends Method> = <Path extends PathsOf<Verb>>(
  path: Path,
  ...call: Arguments<CallOf<OperationAt<Verb, Path>>>
) => Promise<AnswerOf<OperationAt<Verb, Path>>>

export type Client = { [Verb in Method]: Caller<Verb> } & {
  /** Sends anything anywhere: for a path that the document does not know. */
  send(method: string, path: string, call?: Call): Promise<Answer>
}

const API_BASE = '/api/v1'
const TIMEOUT_MS = 15_000

export const createClient = ({ baseUrl, timeoutMs = TIMEOUT_MS, onExchange }: ClientOptions): Client => {
  const send = async (method: string, path: string, call: Call = {}): Promise<Answer> => {
    const startedAt = performance.now()
    const fullPath = fill(path, call.params) + toQuery(call.query)
    const response = await fetch(baseUrl + fullPath, {
      method,
      headers: headersOf(call),
      body: call.form ?? (call.body === undefined ? null : JSON.stringify(call.body)),
      signal: AbortSignal.timeout(timeoutMs),
    })
    const { ok, status, headers } = response
    const answer = { ok, status, headers, body: await readBody(response) } as Answer
    onExchange?.({ method, path: fullPath, answer, ms: performance.now() - startedAt })
    return answer
  }
  const caller = (method: string) => (path: string, call?: Call) => send(method, API_BASE + path, call)
  return {
    send,
    get: caller('GET'),
    post: caller('POST'),
    put: caller('PUT'),
    patch: caller('PATCH'),
    delete: caller('DELETE'),
  } as Client
}

const fill = (path: string, params: Parameters = {}): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])))

const toQuery = (query: Parameters = {}): string => {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  const text = new URLSearchParams(Object.fromEntries(given.map(([name, value]) => [name, String(value)]))).toString()
  return text === '' ? '' : `?${text}`
}

const headersOf = ({ token, key, ifMatch, body, headers }: Call): Record<string, string> => ({
  ...(token !== undefined && { authorization: `Bearer ${token}` }),
  ...(key !== undefined && { 'idempotency-key': key }),
  ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
  ...(body !== undefined && { 'content-type': 'application/json' }),
  ...headers,
})

const readBody = async (response: Response): Promise<unknown> => {
  const text = await response.text()
  if (text === '') return undefined
  return /\bjson\b/.test(response.headers.get('content-type') ?? '') ? (JSON.parse(text) as unknown) : text
}
