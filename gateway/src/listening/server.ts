import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Log } from '@countinghouse/shared/log'
import { followCertificate, readCertificate, type CertificateFiles } from './certificate.js'
import { HEADERS_MAX_BYTES, answerUnreadable } from './unreadable.js'

export type DoorServerOptions = {
  listener: RequestListener
  headersTimeoutMs: number
  tls: CertificateFiles | undefined
  log: Log
}

const UPLOAD_WITHIN_MS = 300_000
const SILENT_AT_MOST_MS = 120_000
const HANDSHAKE_WITHIN_MS = 5_000
const CHECKED_EVERY_MS = 500
// Longer than the load balancers in front keep a connection idle, or they would write into a closing one.
const KEPT_IDLE_FOR_MS = 75_000

/** The server of the public port, which is as strict as HTTP allows and waits for nobody for ever. */
export const createDoorServer = ({ listener, headersTimeoutMs, tls, log }: DoorServerOptions) => {
  const options: ServerOptions = {
    keepAliveTimeout: KEPT_IDLE_FOR_MS,
    headersTimeout: headersTimeoutMs,
    requestTimeout: Math.max(UPLOAD_WITHIN_MS, headersTimeoutMs),
    connectionsCheckingInterval: CHECKED_EVERY_MS,
    maxHeaderSize: HEADERS_MAX_BYTES,
    insecureHTTPParser: false,
    // The door refuses it, by a problem.
    requireHostHeader: false,
  }
  const server: Server = tls
    ? createTlsServer(
        { ...options, ...readCertificate(tls), minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_WITHIN_MS },
        listener,
      )
    : createServer(options, listener)
  server.setTimeout(SILENT_AT_MOST_MS)
  server.on('clientError', answerUnreadable)
  return { server, stop: tls ? followCertificate(server, tls, log) : () => undefined }
}
