import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** How the stand-in behaves: it charges, declines, leaves it open, charges but nobody hears, or does nothing. */
export type Mood = 'charges' | 'declines' | 'leaves it open' | 'is not heard' | 'is down'

type Moved = { id: string; path: string; body: Record<string, unknown> }
type Answer = { status: number; body: object }

export type CardOffice = {
  url: string
  mood: Mood
  /** What was charged or paid back, each once. */
  moved: Moved[]
  asked: number
  close(): Promise<void>
}

const declined = (payment_id: string): Answer => {
  const reason = 'Your card has insufficient funds'
  const detail = `The payment was declined: ${reason}`
  return {
    status: 402,
    body: { code: 'payment_declined', decline_code: 'insufficient_funds', reason, detail, payment_id },
  }
}

/** Stands for wallet-service's payments: one payment per key, and first answers under it. */
export const openCardOffice = async (): Promise<CardOffice> => {
  const answers = new Map<string, Answer>()
  const move = (path: string, body: Record<string, unknown>): Answer => {
    if (office.mood === 'declines') return declined(`declined-${office.asked.toString()}`)
    if (path.endsWith('/cancel')) return { status: 200, body: { id: path.split('/')[3], status: 'canceled' } }
    const id = `${path.slice(1).replaceAll('/', '-')}-${(office.moved.length + 1).toString()}`
    office.moved.push({ id, path, body })
    return { status: 201, body: { id, status: office.mood === 'leaves it open' ? 'requires_action' : 'succeeded' } }
  }
  const handle = (request: IncomingMessage, text: string, response: ServerResponse): void => {
    office.asked += 1
    if (office.mood === 'is down') return void response.writeHead(503).end('{}')
    const key = String(request.headers['idempotency-key'])
    const answer = answers.get(key) ?? move(request.url ?? '', JSON.parse(text) as Record<string, unknown>)
    answers.set(key, answer)
    if (office.mood === 'is not heard') return void response.destroy()
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body))
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      handle(request, Buffer.concat(chunks).toString(), response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const office: CardOffice = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port.toString()}`,
    ...{ mood: 'charges', moved: [], asked: 0 },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => {
          resolve()
        })
      }),
  }
  return office
}
