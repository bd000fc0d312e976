import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { credentialOf, type Authenticate } from '@countinghouse/shared/http/auth'
import { actorOf } from '@countinghouse/shared/http/caller'
import { isFault, problemHeaders, toProblem } from '@countinghouse/shared/http/problem'
import { Refusal } from '@countinghouse/shared/refusal'
import { refuse } from './errors.js'
import { destinationOf, type Destination, type ServiceName } from './routing.js'
import { beginVisit, idsOf, type Headers, type Visit, type VisitDeps } from './visit.js'

export type Deps = VisitDeps & {
  authenticate: Authenticate
  /** Takes a place among the requests in flight, or refuses; returns how to give it back. */
  enter: (owner: string, method: string) => () => void
  /** Counts the visit against its caller's limits, or refuses. */
  limit: (visit: Visit) => void | Promise<void>
  /** The answer to a browser that asks if it may ask; undefined to any other request. */
  preflight: (visit: Visit) => Headers | undefined
  /** Hands the visit to a service; settles once the service has begun to answer. */
  forward: (service: ServiceName, visit: Visit) => Promise<void>
  /** What the gateway answers itself; calls back with an error, or with nothing when it knows no such path. */
  pages: (request: IncomingMessage, response: ServerResponse, otherwise: (error?: unknown) => void) => void
  urlMaxBytes: number
  environment: string
}

/** The one listener of the public port. */
export const createDoor =
  (deps: Deps): RequestListener =>
  (request, response) => {
    const visit = beginVisit(request, response, deps)
    admit(deps, visit).catch((error: unknown) => {
      answerProblem(deps, visit, error)
    })
  }

// What costs least is asked first, so that a flood is refused before any work is done for it.
const admit = async (deps: Deps, visit: Visit): Promise<void> => {
  assertSane(deps, visit)
  const preflight = deps.preflight(visit)
  if (preflight) return void visit.response.writeHead(204, preflight).end()
  const destination = destinationOf(visit.url, visit.request.method)
  visit.route = destination?.route ?? 'none'
  if (destination?.isHealth) return answerSelf(deps, visit)
  const owner = destination?.owner ?? 'gateway'
  visit.owner = owner
  visit.leave = deps.enter(owner, visit.request.method ?? '')
  await identify(deps, visit, destination)
  if (!destination) throw unknownRoute(visit)
  if (owner === 'gateway') answerSelf(deps, visit)
  else await deps.forward(owner, visit)
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

const assertSane = ({ urlMaxBytes }: Deps, { request, response, calledUrl }: Visit): void => {
  if (calledUrl.length > urlMaxBytes) throw refuse('uri_too_long', { limit: urlMaxBytes })
  assertOneHost(request)
  const method = request.method ?? ''
  if (METHODS.has(method)) return
  response.setHeader('allow', [...METHODS].join(', '))
  throw refuse('method_not_allowed', { method })
}

// Node takes the first of several; whoever stands in front may have taken another.
const assertOneHost = ({ rawHeaders, httpVersion }: IncomingMessage): void => {
  const isHost = (name: string, at: number) => at % 2 === 0 && name.length === 4 && name.toLowerCase() === 'host'
  const hosts = rawHeaders.filter(isHost).length
  if (hosts > 1 || (hosts === 0 && httpVersion !== '1.0')) throw refuse('unreadable_request')
}

// A token that is refused is counted against the address it came from, so that tokens cannot be guessed at will.
const identify = async (deps: Deps, visit: Visit, destination: Destination | undefined): Promise<void> => {
  if (destination !== undefined && destination.owner !== 'gateway' && !destination.isPublic) {
    try {
      visit.actor = actorOf(await deps.authenticate(credentialOf(visit.request.headers)))
    } catch (error) {
      await deps.limit(visit)
      if (destination.knowsGuests && error instanceof Refusal && error.status === 401) return
      throw error
    }
  }
  await deps.limit(visit)
}

const answerSelf = (deps: Deps, visit: Visit): void => {
  visit.request.url = visit.url
  for (const name in visit.headers) visit.response.setHeader(name, visit.headers[name] ?? '')
  deps.pages(visit.request, visit.response, (error) => {
    answerProblem(deps, visit, error ?? unknownRoute(visit))
  })
}

const unknownRoute = ({ calledUrl }: Visit) => refuse('route_not_found', { path: calledUrl.split('?', 1)[0] })

const answerProblem = ({ log, environment }: Deps, visit: Visit, error: unknown): void => {
  const { response, calledUrl, requestId } = visit
  if (isFault(error)) log.error({ err: error, ...idsOf(visit) }, 'A request failed')
  if (response.destroyed) return
  if (response.headersSent) return void response.destroy(error as Error)
  const showFaults = environment === 'development'
  const problem = toProblem(error, { instance: calledUrl, requestId, showFaults })
  const headers = { 'cache-control': 'no-store', ...problemHeaders(problem), ...visit.headers }
  response.writeHead(problem.status, headers).end(JSON.stringify(problem))
}
