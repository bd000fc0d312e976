import { createServer, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { Server as TlsServer } from 'node:tls'

export type Listening = { close(): Promise<void> }

/** The port a process was told to use belongs to someone else. */
export class PortTakenError extends Error {
  constructor(setting: string, port: number) {
    super(`Port ${port.toString()} is in use; set ${setting} to a free one`)
  }
}

export type ListenOptions = { host: string; port: number; setting: string }

/** Serves HTTP on a port; `close` lets requests in flight finish. */
export const listen = (listener: RequestListener, options: ListenOptions): Promise<Listening> =>
  // Longer than the callers' pools keep a connection idle, or they would write into a closing one.
  openServer(
    createServer({ keepAliveTimeout: 75_000, requestTimeout: 30_000, headersTimeout: 15_000 }, listener),
    options,
  )

/** Opens a server of the caller's own making, with or without TLS, on a port; `close` lets requests in flight finish. */
export const openServer = async (server: Server, { host, port, setting }: ListenOptions): Promise<Listening> => {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new PortTakenError(setting, port) : error)
    })
    server.listen(port, host, resolve)
  })
  return { close: closer(server) }
}

const SWEEP_EVERY_MS = 50

// `server.close` leaves alone what is not idle at that moment: a connection in use, and one that never asked anything.
const closer = (server: Server): (() => Promise<void>) => {
  const silent = new Set<Socket>()
  // With TLS a request knows the socket that is secure, not the one below it.
  server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  server.on('request', ({ socket }) => silent.delete(socket))
  return () =>
    new Promise<void>((resolve) => {
      const sweep = setInterval(() => {
        server.closeIdleConnections()
      }, SWEEP_EVERY_MS)
      server.close(() => {
        clearInterval(sweep)
        resolve()
      })
      for (const socket of silent) socket.destroy()
    })
}
