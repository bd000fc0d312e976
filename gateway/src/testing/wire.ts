import { connect } from 'node:net'

/** Writes these bytes to a port, one piece at a time, and gives all that comes back until the other side closes. */
export const sendRaw = (port: number, ...pieces: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let received = ''
    socket.setEncoding('latin1').on('data', (text: string) => (received += text))
    socket.once('close', () => {
      resolve(received)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      // The other side may be done with us while we still write.
      if (error.code !== 'EPIPE' && error.code !== 'ECONNRESET') reject(error)
    })
    for (const piece of pieces) socket.write(piece)
  })
