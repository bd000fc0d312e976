import { takeRandom } from './random.js'

let lastMs = 0
let sequence = 0

/** A UUIDv7 (RFC 9562, method 1): sorts by time, and within one process strictly by the order of the calls. */
export const uuidv7 = (nowMs: number = Date.now()): string => {
  advance(nowMs)
  const bytes = takeRandom(16)
  bytes.writeUIntBE(lastMs, 0, 6)
  bytes.writeUInt16BE(0x7000 | sequence, 6)
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8)
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** When a UUIDv7 was made, in milliseconds. */
export const uuidTimeMs = (uuid: string): number => Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16)

// A clock that stands still or steps back is outrun by the 12-bit sequence, then by borrowing from the next millisecond.
const advance = (nowMs: number): void => {
  if (nowMs > lastMs) {
    lastMs = nowMs
    sequence = 0
  } else if (++sequence > 0xfff) {
    lastMs += 1
    sequence = 0
  }
}
