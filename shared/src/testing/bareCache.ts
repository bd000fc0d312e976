import type { Server } from 'node:http'
import express from 'express'
import { Redis } from 'ioredis'

/** The plainest handler that answers from Redis, to compare others with: no token, no check, no log. */
export const serveFromRedis = async (
  redisUrl: string,
  port: number,
  keyOf: (id: string) => string,
): Promise<Server> => {
  const redis = new Redis(redisUrl, { enableAutoPipelining: true })
  const app = express()
  app.get('/users/:id/accounts', async (request, response) => {
    const kept = await redis.get(keyOf(request.params.id))
    response
      .status(kept === null ? 404 : 200)
      .type('application/json')
      .send(kept ?? '{}')
  })
  return new Promise((resolve) => {
    const server = app.listen(port, '127.0.0.1', () => {
      resolve(server)
    })
  })
}
