import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Authenticate } from '@countinghouse/shared/http/auth'
import { actorOf } from '@countinghouse/shared/http/caller'
import { isFault, problemHeaders, toProblem } from '@countinghouse/shared/http/problem'
import type { Log } from '@countinghouse/shared/log'
import { refuse } from '@countinghouse/shared/refusal'
import { destinationOf, type ServiceName } from './routing.js'
import { beginVisit, idsOf, type Visit } from './visit.js'

export type Deps = {
  authenticate: Authenticate
  /** Hands the visit to a service; settles once the service has begun to answer. */
  forward: (service: ServiceName, visit: Visit) => Promise<void>
  /** What the gateway answers itself; calls back with an error, or with nothing when it knows no such path. */
  pages: (request: IncomingMessage, response: ServerResponse, otherwise: (error?: unknown) => void) => void
  log: Log
  environment: string
}

/** The one listener of the public port. */
export const createDoor =
  (deps: Deps): RequestListener =>
  (request, response) => {
    const visit = beginVisit(request, response, deps.log)
    admit(deps, visit).catch((error: unknown) => {
      answerProblem(deps, visit, error)
    })
  }

const admit = async (deps: Deps, visit: Visit): Promise<void> => {
  const destination = destinationOf(visit.url)
  if (!destination) throw unknownRoute(visit)
  const { owner, route, isPublic } = destination
  visit.route = route
  if (owner === 'gateway') return answerSelf(deps, visit)
  visit.owner = owner
  if (!isPublic) visit.actor = actorOf(await deps.authenticate(visit.request.headers.authorization))
  await deps.forward(owner, visit)
}

const answerSelf = (deps: Deps, visit: Visit): void => {
  visit.request.url = visit.url
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
  response.writeHead(problem.status, problemHeaders(problem)).end(JSON.stringify(problem))
}
