import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import { currentContext, runInContext, toRequestId } from '../context.js'
import type { OpenFiles } from '../files/open.js'
import type { Log } from '../log.js'
import { isOutage } from '../mongo/outage.js'
import { refuse, type RefusalTable } from '../refusal.js'
import { beginSpan } from '../tracing/span.js'
import { uuidv7 } from '../uuid.js'
import type { Endpoint } from './endpoint.js'
import { observeServed, spanOutcomeOf } from './observe.js'
import { toOpenApi } from './openapi.js'
import { canonicalUrl } from './path.js'
import { isFault, problemHeaders, toProblem } from './problem.js'
import { keepRawBody } from './rawBody.js'
import { createRouter } from './router.js'
import { runEndpoint, type EndpointDeps } from './run.js'

export type HttpAppOptions = EndpointDeps & {
  name: string
  endpoints: readonly Endpoint[]
  refusals: RefusalTable
  log: Log
  environment: string
  /** What takes and gives bodies as they are, before anything reads them. */
  files?: OpenFiles['server']
}

// A batch of a thousand transfers has to fit.
const BODY_MAX = '512kb'

/** The Express application of a service: every endpoint below `/api/v1`, `/api` and bare, and its OpenAPI document. */
export const createHttpApp = (options: HttpAppOptions): Express => {
  const app = express()
  app.disable('x-powered-by').disable('etag')
  // A service stands behind the gateway, which says whose request it is; nobody else reaches it from a private network.
  app.set('trust proxy', ['loopback', 'linklocal', 'uniquelocal'])
  app.use(trackRequest(options.log), stripBase)
  if (options.files) mountFiles(app, options.files)
  app.use(
    express.json({ limit: BODY_MAX, verify: keepRawBody }),
    express.urlencoded({ limit: BODY_MAX, extended: false }),
  )
  const document = toOpenApi(options.name, options.endpoints, options.refusals)
  app.get('/openapi.json', (_request, response) => void response.json(document))
  app.use(serve(options))
  app.use(answerProblem(options))
  return app
}

const mountFiles = (app: Express, { path, answer }: NonNullable<OpenFiles['server']>): void => {
  app.use(path, (request, response) => {
    response.locals['route'] = path
    return answer(request, response)
  })
}

const serve = (options: HttpAppOptions) => {
  const router = createRouter(options.endpoints)
  return (request: Request, response: Response): Promise<void> => {
    const { method, path } = request
    const found = router.find(method, path)
    if (found) {
      request.params = found.params
      response.locals['route'] = found.spec.path
      return runEndpoint(found.spec, options, request, response)
    }
    const allowed = router.methodsAt(path)
    if (allowed.length === 0) throw refuse('route_not_found', { path })
    response.set('Allow', allowed.join(', '))
    throw refuse('method_not_allowed', { method })
  }
}

const stripBase = (request: Request, _response: Response, next: NextFunction): void => {
  request.url = canonicalUrl(request.url)
  next()
}

const trackRequest =
  (log: Log) =>
  (request: Request, response: Response, next: NextFunction): void => {
    const requestId = toRequestId(request.get('x-request-id'), uuidv7)
    const span = beginSpan({ name: request.method, kind: 'server', parent: request.get('traceparent') })
    const { traceparent } = span
    response.setHeader('x-request-id', requestId)
    response.setHeader('x-content-type-options', 'nosniff')
    const startedAt = performance.now()
    runInContext({ requestId, traceparent, actor: 'anonymous', correlationId: requestId }, () => {
      response.on('finish', () => {
        const route = (response.locals['route'] as string | undefined) ?? 'none'
        observeServed(log, { method: request.method, route, status: response.statusCode, startedAt })
      })
      response.on('close', () => {
        const route = (response.locals['route'] as string | undefined) ?? 'none'
        span.end(spanOutcomeOf({ method: request.method, route, status: response.statusCode }))
      })
      next()
    })
  }

const answerProblem =
  ({ log, environment }: HttpAppOptions) =>
  (thrown: unknown, request: Request, response: Response, next: NextFunction): void => {
    if (response.headersSent) return next(thrown)
    const error = isOutage(thrown) ? refuse('dependency_unavailable', { dependency: 'MongoDB' }) : thrown
    if (isFault(error)) log.error({ err: error }, 'A request failed')
    const requestId = currentContext()?.requestId ?? ''
    const problem = toProblem(error, {
      instance: request.originalUrl,
      requestId,
      showFaults: environment === 'development',
    })
    response.status(problem.status).set(problemHeaders(problem)).send(JSON.stringify(problem))
  }
