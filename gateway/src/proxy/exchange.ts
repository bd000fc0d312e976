import { API_BASE } from '@countinghouse/shared/http/path'
import type { Dispatcher } from 'undici'
import type { Visit } from '../visit.js'
import type { Body } from './body.js'
import { toClientHeaders, toServiceHeaders } from './headers.js'

/** The client went away before the service answered. */
export class ClientLeft extends Error {}
/** The time for an answer was over before the service was asked. */
export class TooLate extends Error {}

export type Sending = { visit: Visit; body: Body; deadline: number }

/**
 * Streams one request to a service and the answer back, each side only as fast as the other takes it.
 * Settles when the headers of the answer are there; what fails later ends the client's connection.
 */
export const exchange = (pool: Dispatcher, sending: Sending): Promise<void> =>
  new Promise((resolve, reject) => {
    const { visit, deadline } = sending
    const { request, response } = visit
    let upstream: Dispatcher.DispatchController | undefined
    const leave = () => {
      if (!response.writableFinished) upstream?.abort(new ClientLeft())
    }
    response.once('close', leave)
    pool.dispatch(toDispatch(sending), {
      onRequestStart: (controller) => {
        upstream = controller
        if (response.destroyed) leave()
        else if (performance.now() >= deadline) controller.abort(new TooLate())
      },
      onResponseStart: (controller, status, headers) => {
        if (status < 200) return
        const isPublic = visit.actor === 'anonymous' && (request.method === 'GET' || request.method === 'HEAD')
        response.writeHead(status, toClientHeaders({ headers, own: visit.headers, isPublic }))
        response.on('drain', () => {
          controller.resume()
        })
        resolve()
      },
      onResponseData: (controller, chunk) => {
        if (!response.write(chunk)) controller.pause()
      },
      onResponseEnd: () => response.end(),
      onResponseError: (_controller, error) => {
        response.off('close', leave)
        if (response.headersSent) response.destroy(error)
        reject(response.destroyed || request.errored ? new ClientLeft() : error)
      },
    })
  })

const toDispatch = ({ visit, body, deadline }: Sending): Dispatcher.DispatchOptions => {
  const { request, url, requestId, traceparent, source } = visit
  const remainingMs = Math.max(1, Math.ceil(deadline - performance.now()))
  return {
    // One base for every alias, so that links and problems of a service name the canonical one.
    path: API_BASE + url,
    method: request.method as Dispatcher.HttpMethod,
    headers: toServiceHeaders(request.headers, { requestId, traceparent, remainingMs, ...source }),
    body,
    headersTimeout: remainingMs,
  }
}
