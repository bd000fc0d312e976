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
  app.use(trackRequest(options.log))
  if (options.files) mountFiles(app, options.files)
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

/** Reads the body of a request that has one. */
const bodyTaker = () => {
  const json = express.json({ limit: BODY_MAX, verify: keepRawBody })
  const form = express.urlencoded({ limit: BODY_MAX, extended: false })
  return (request: Request, response: Response, next: NextFunction): void => {
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers
    if (length === undefined && encoding === undefined) return next()
    json(request, response, (error?: unknown) => {
      if (error === undefined) form(request, response, next)
      else next(error)
    })
  }
}

const serve = (options: HttpAppOptions) => {
  const router = createRouter(options.endpoints)
  const document = toOpenApi(options.name, options.endpoints, options.refusals)
  const answer = async (request: Request, response: Response): Promise<void> => {
    const { method, path } = request
    const found = router.find(method, path)
    if (found) {
      request.params = found.params
      response.locals['route'] = found.spec.path
      return runEndpoint(found.spec, options, request, response)
    }
    if (path === '/openapi.json') return void response.json(document)
    const allowed = router.methodsAt(path)
    if (allowed.length === 0) throw refuse('route_not_found', { path })
    response.set('Allow', allowed.join(', '))
    throw refuse('method_not_allowed', { method })
  }
  const takeBody = bodyTaker()
  return (request: Request, response: Response, next: NextFunction): void => {
    takeBody(request, response, (error?: unknown) => {
      if (error === undefined) answer(request, response).catch(next)
      else next(error)
    })
  }
}

const trackRequest =
  (log: Log) =>
  (request: Request, response: Response, next: NextFunction): void => {
    request.url = canonicalUrl(request.url)
    const { 'x-request-id': sentId, traceparent: parent } = request.headers as Record<string, string | undefined>
    const requestId = toRequestId(sentId, uuidv7)
    const { traceparent, end } = beginSpan({ name: request.method, kind: 'server', parent })
    response.setHeader('x-request-id', requestId)
    response.setHeader('x-content-type-options', 'nosniff')
    const startedAt = performance.now()
    runInContext({ requestId, traceparent, actor: 'anonymous', correlationId: requestId }, () => {
      const outcome = () => ({
        method: request.method,
        route: (response.locals['route'] as string | undefined) ?? 'none',
        status: response.statusCode,
      })
      response.on('finish', () => {
        observeServed(log, { ...outcome(), startedAt })
      })
      response.on('close', () => {
        end(spanOutcomeOf(outcome()))
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
