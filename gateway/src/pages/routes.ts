import type { Health } from '@countinghouse/shared/health'
import { refuse } from '@countinghouse/shared/refusal'
import express, { type Express } from 'express'
import { securityHeaders } from './security.js'
import { swaggerFiles, swaggerFolder, swaggerPage, swaggerStart } from './swagger.js'

export type Deps = { health: Health; readDocument: () => Promise<object>; configuration: object }

const links = {
  name: 'countinghouse',
  docs: '/docs',
  openapi: '/openapi.json',
  health: '/healthz',
  config: '/config',
  base: '/api/v1',
}

/** What the gateway answers itself; everything else, and every error, is the door's. */
export const createPages = (deps: Deps): Express => {
  const app = express()
  app.disable('x-powered-by')
  app.use((request, response, next) => {
    response.set(securityHeaders)
    if (request.method === 'GET' || request.method === 'HEAD') return next()
    response.set('Allow', 'GET, HEAD')
    throw refuse('method_not_allowed', { method: request.method })
  })
  app.get('/', (_request, response) => void response.json(links))
  app.get('/config', (_request, response) => void response.set('Cache-Control', 'no-cache').json(deps.configuration))
  mountHealth(app, deps)
  mountDocuments(app, deps)
  return app
}

const mountHealth = (app: Express, { health }: Deps): void => {
  app.get('/healthz', (_request, response) => void response.set('Cache-Control', 'no-store').json({ status: 'ok' }))
  app.get('/readyz', async (_request, response) => {
    const report = await health.report()
    response
      .status(report.status === 'ready' ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json(report)
  })
}

const mountDocuments = (app: Express, { readDocument }: Deps): void => {
  app.get('/openapi.json', async (_request, response) => {
    response.set('Cache-Control', 'no-cache').json(await readDocument())
  })
  app.get(['/swagger', '/docs'], (_request, response) => void response.type('html').send(swaggerPage))
  app.get('/docs/start.js', (_request, response) => void response.type('js').send(swaggerStart))
  for (const file of swaggerFiles) {
    app.get(`/docs/${file}`, (_request, response) => {
      response.sendFile(file, { root: swaggerFolder, maxAge: '1h', acceptRanges: false })
    })
  }
}
