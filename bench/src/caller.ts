import { Pool } from 'undici'

export type Answer = { status: number; etag: string | undefined; text: string }
type Asked = { headers?: Record<string, string>; body?: object | string }
type Method = 'GET' | 'POST' | 'PATCH'

/** Sends requests over so many kept connections. */
export type Caller = {
  send(method: Method, path: string, asked?: Asked): Promise<Answer>
  /** The body of an answer; throws when the request is refused. */
  call<Body>(method: Method, path: string, body?: object): Promise<Body>
  close(): Promise<void>
}

export const openCaller = (url: string, connections: number, token?: string): Caller => {
  const pool = new Pool(url, { connections })
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const send: Caller['send'] = async (method, path, { headers = {}, body } = {}) => {
    const given = { ...authorization, ...(body !== undefined && { 'content-type': 'application/json' }), ...headers }
    const text = typeof body === 'object' ? JSON.stringify(body) : body
    const answer = await pool.request({ method, path, headers: given, ...(text !== undefined && { body: text }) })
    const etag = answer.headers['etag']
    return {
      status: answer.statusCode,
      etag: typeof etag === 'string' ? etag : undefined,
      text: await answer.body.text(),
    }
  }
  return {
    send,
    call: async <Body>(method: Method, path: string, body?: object) => {
      const { status, text } = await send(method, path, body && { body })
      if (status >= 300) throw new Error(`${method} ${path}: ${text}`)
      return JSON.parse(text) as Body
    },
    close: () => pool.close(),
  }
}
