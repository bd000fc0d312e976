import { createServer } from 'node:net'
import { readJson, writeJson } from './files.js'

const isListenable = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)))
  })

/** Those of the ports that something on this machine already holds. */
export const takenPorts = async (ports: number[]): Promise<number[]> => {
  const free = await Promise.all(ports.map(isListenable))
  return ports.filter((_, index) => !free[index])
}

const handedOut = new Set<number>()

// Below every system's ephemeral range, so that no outgoing connection of a client that keeps trying can sit on the
// port of a server that is down, and with it on a server's way back.
const randomPort = () => 20_000 + Math.floor(Math.random() * 12_000)

const freePort = async (): Promise<number> => {
  const port = randomPort()
  if (handedOut.has(port) || !(await isListenable(port))) return freePort()
  handedOut.add(port)
  return port
}

/** Loopback ports that nobody holds and that this process has not handed out before. */
export const freePorts = (count: number): Promise<number[]> => Promise.all(Array.from({ length: count }, freePort))

/** The ports used here last time when all are still free, else new ones, kept for next time. */
export const rememberedPorts = async (file: string, count: number): Promise<number[]> => {
  const earlier = readJson<number[]>(file)
  if (earlier?.length === count && (await takenPorts(earlier)).length === 0) return earlier
  const ports = await freePorts(count)
  writeJson(file, ports)
  return ports
}
