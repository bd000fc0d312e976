export type Answer = { status: number; headers: Headers; body: unknown }
export type Call = { token?: string | undefined; key?: string; body?: object }

/** The API as a client sees it: through the gateway, with JSON both ways. */
export interface Api {
  get(path: string, call?: Call): Promise<Answer>
  post(path: string, call?: Call): Promise<Answer>
  patch(path: string, call?: Call): Promise<Answer>
}

export type Exchange = { method: string; path: string; answer: Answer; ms: number }

const TIMEOUT_MS = 15_000

/** Talks to the gateway; `onExchange` is told of every request and its answer. */
export const createApi = (gatewayUrl: string, onExchange: (exchange: Exchange) => void = () => undefined): Api => {
  const send = async (method: string, path: string, { token, key, body }: Call = {}): Promise<Answer> => {
    const startedAt = performance.now()
    const response = await fetch(gatewayUrl + path, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(key !== undefined && { 'idempotency-key': key }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const text = await response.text()
    const answer = {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    }
    onExchange({ method, path, answer, ms: performance.now() - startedAt })
    return answer
  }
  return {
    get: (path, call) => send('GET', path, call),
    post: (path, call) => send('POST', path, call),
    patch: (path, call) => send('PATCH', path, call),
  }
}
