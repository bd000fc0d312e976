import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A server seen through a network that can be made bad; 0 milliseconds and an open way are a good one. */
export type Passage = {
  readonly port: number
  /** Every byte takes this much longer, each way. */
  delay(ms: number): void
  /** Ends every connection at once, as a router that forgot them does. */
  reset(): void
  /** Bytes get lost without a word, until it heals. */
  stall(on: boolean): void
  close(): Promise<void>
}

/** Lets a server appear on another port from now on; answers how to take it away. */
export const forward = async (from: number, to: number): Promise<() => Promise<void>> => {
  const { close } = await openPassage(to, from)
  return close
}

/** Lets a server appear on another port, a free one unless it is named. */
export const openPassage = async (to: number, from = 0): Promise<Passage> => {
  const sockets = new Set<Socket>()
  const state = { delayMs: 0, stalled: false }
  const reset = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  const server = createServer({ noDelay: true }, (socket) => {
    const upstream = connect({ port: to, host: '127.0.0.1', noDelay: true })
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      const later = lane(state)
      sockets.add(one)
      one.on('data', (bytes) => later(() => other.write(bytes))).on('end', () => later(() => other.end()))
      one.on('error', () => other.destroy()).on('close', () => sockets.delete(one))
    }
  })
  await new Promise<void>((resolve) => server.listen(from, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    delay: (ms) => (state.delayMs = ms),
    reset,
    stall: (on) => {
      state.stalled = on
      // What was lost is not repeated: such a connection is of no more use.
      if (!on) reset()
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        for (const socket of sockets) socket.destroy()
      }),
  }
}

type Waiting = { dueAt: number; act: () => void }

/** Lets things happen after the delay of the moment, in their order. */
const lane = (state: { readonly delayMs: number; readonly stalled: boolean }) => {
  const waiting: Waiting[] = []
  const drain = () => {
    for (let next = waiting[0]; next; next = waiting[0]) {
      const ms = next.dueAt - performance.now()
      if (ms > 0) return void setTimeout(drain, ms)
      waiting.shift()
      next.act()
    }
  }
  return (act: () => void): void => {
    if (state.stalled) return
    if (state.delayMs === 0 && waiting.length === 0) return act()
    waiting.push({ act, dueAt: Math.max(waiting.at(-1)?.dueAt ?? 0, performance.now() + state.delayMs) })
    if (waiting.length === 1) drain()
  }
}
