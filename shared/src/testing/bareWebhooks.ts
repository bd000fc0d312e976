import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Server } from 'node:http'
import express from 'express'
import { createLog } from '../log.js'
import { connectMongo } from '../mongo/connect.js'

/** Signs a webhook as the payment provider does. */
export const signWebhook = (payload: string, secret: string): string => {
  const timestamp = Math.floor(Date.now() / 1000)
  return `t=${timestamp.toString()},v1=${hmac(`${timestamp.toString()}.${payload}`, secret)}`
}

const hmac = (text: string, secret: string): string => createHmac('sha256', secret).update(text).digest('hex')

/** The plainest handler that takes webhooks, to compare others with: it looks at the signature and stores the event. */
export const serveWebhooks = async (mongodbUri: string, port: number, secret: string): Promise<Server> => {
  const log = createLog('bare', 'silent')
  const db = await connectMongo({ uri: mongodbUri, database: 'bench_bare', service: 'bare', log })
  const app = express()
  app.post('/webhooks/stripe', express.raw({ type: () => true }), async (request, response) => {
    const body = (request.body as Buffer).toString()
    const [, timestamp = '', signature = ''] = /^t=(\d+),v1=(\w+)$/.exec(request.get('stripe-signature') ?? '') ?? []
    if (!timingSafeEqual(Buffer.from(hmac(`${timestamp}.${body}`, secret)), Buffer.from(signature)))
      return void response.status(400).end()
    const { id } = JSON.parse(body) as { id: string }
    const events = db.collection<{ _id: string; body: string }>('events')
    await events.insertOne({ _id: id, body }, { writeConcern: { w: 'majority', journal: true } })
    response.json({ received: true })
  })
  return new Promise((resolve) => {
    const server = app.listen(port, '127.0.0.1', () => {
      resolve(server)
    })
  })
}
