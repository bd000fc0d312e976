import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Question = { method: string; path: string; idempotencyKey: string; text: string }
export type StandInAnswer = { status: number; body: object }

export type LocalServer = { readonly url: string; close(): Promise<void> }

/** A server on a free port of loopback. */
export const openServer = async (listener: RequestListener): Promise<LocalServer> => {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port.toString()}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => {
          resolve()
        })
      }),
  }
}

/** A server that stands for another service: what its answerer says, as JSON; undefined where nobody hears an answer. */
export const openStandIn = (answer: (question: Question) => StandInAnswer | undefined): Promise<LocalServer> =>
  openServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url: path = '/', headers } = request
      const idempotencyKey = String(headers['idempotency-key'])
      const answered = answer({ method, path, idempotencyKey, text: Buffer.concat(chunks).toString() })
      if (!answered) return void response.destroy()
      response.writeHead(answered.status, { 'content-type': 'application/json' }).end(JSON.stringify(answered.body))
    })
  })
