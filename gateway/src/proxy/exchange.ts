import { PassThrough } from 'node:stream'
import type { IncomingMessage } from 'node:http'
import { API_BASE } from '@countinghouse/shared/http/path'
import type { Dispatcher } from 'undici'
import type { Visit } from '../visit.js'
import { toClientHeaders, toServiceHeaders } from './headers.js'

/** The client went away before the service answered. */
export class ClientLeft extends Error {}

/**
 * Streams one request to a service and the answer back, each side only as fast as the other takes it.
 * Settles when the headers of the answer are there; what fails later ends the client's connection.
 */
export const exchange = (pool: Dispatcher, visit: Visit): Promise<void> =>
  new Promise((resolve, reject) => {
    const { request, response } = visit
    const body = hasBody(request) ? detached(request) : null
    let upstream: Dispatcher.DispatchController | undefined
    const leave = () => {
      if (!response.writableFinished) upstream?.abort(new ClientLeft())
    }
    response.once('close', leave)
    pool.dispatch(toDispatch(visit, body), {
      onRequestStart: (controller) => {
        upstream = controller
        if (response.destroyed) leave()
      },
      onResponseStart: (controller, status, headers) => {
        if (status < 200) return
        response.writeHead(status, toClientHeaders(headers))
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
        body?.destroy()
        if (response.headersSent) response.destroy(error)
        reject(response.destroyed || request.errored ? new ClientLeft() : error)
      },
    })
  })

const toDispatch = (
  { request, url, requestId, traceparent }: Visit,
  body: PassThrough | null,
): Dispatcher.DispatchOptions => ({
  // One base for every alias, so that links and problems of a service name the canonical one.
  path: API_BASE + url,
  method: request.method as Dispatcher.HttpMethod,
  headers: toServiceHeaders(request.headers, {
    requestId,
    traceparent,
    address: request.socket.remoteAddress ?? '',
    host: request.headers.host,
    protocol: 'http',
  }),
  body,
})

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'

// A destroyed request takes the client's connection along, and with it our answer; so what is sent on is a stream of its
// own, which may fail without the request, and what it leaves unread is drained.
const detached = (request: IncomingMessage): PassThrough => {
  const body = new PassThrough()
  body.on('error', () => undefined)
  body.once('close', () => request.unpipe(body).resume())
  return request.pipe(body)
}
