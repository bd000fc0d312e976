import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { toProblem, problemHeaders } from '@countinghouse/shared/http/problem'
import { counter } from '@countinghouse/shared/metrics'
import type { Refusal } from '@countinghouse/shared/refusal'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { refuse } from '../errors.js'

/** Below what the services take, so that with what the gateway adds it still fits them. */
export const HEADERS_MAX_BYTES = 14 * 1024
export const URL_MAX_BYTES = 8 * 1024

const unreadable = counter('unreadable_requests_total', 'Requests that were refused before they were one', ['reason'])

type ParserError = Error & { code?: string; rawPacket?: Buffer }

/** Answers what the parser refuses by a problem, and ends the connection: nobody knows where the next request would begin. */
export const answerUnreadable = (error: ParserError, socket: Socket): void => {
  const refusal = toRefusal(error)
  unreadable.inc({ reason: refusal.code })
  if (!socket.writable || isAnswering(socket)) return void socket.destroy()
  socket.end(toAnswer(refusal))
}

const toRefusal = ({ code, rawPacket }: ParserError): Refusal => {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return isAddressTooLong(rawPacket)
        ? refuse('uri_too_long', { limit: URL_MAX_BYTES })
        : refuse('headers_too_large', { limit: HEADERS_MAX_BYTES })
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return refuse('request_timeout')
    default:
      return refuse('unreadable_request')
  }
}

const isAddressTooLong = (packet: Buffer | undefined): boolean => {
  const lineEnd = packet?.indexOf('\r\n') ?? 0
  return lineEnd < 0 || lineEnd > URL_MAX_BYTES
}

// Node itself looks here before it answers what its parser refuses: half an answer may be on its way.
const isAnswering = (socket: Socket): boolean =>
  (socket as { _httpMessage?: ServerResponse })._httpMessage?.headersSent ?? false

const toAnswer = (refusal: Refusal): string => {
  const requestId = uuidv7()
  const problem = toProblem(refusal, { instance: '', requestId, showFaults: false })
  const body = JSON.stringify(problem)
  const headers = {
    ...problemHeaders(problem),
    'content-length': Buffer.byteLength(body),
    connection: 'close',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}\r\n${lines.join('')}\r\n${body}`
}
