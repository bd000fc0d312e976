import { randomFillSync } from 'node:crypto'

// One call to the system's randomness serves many small requests.
const pool = Buffer.alloc(4096)
let used = pool.length

/** So many bytes from a cryptographic source; for ids, at most a few hundred at once. */
export const takeRandom = (count: number): Buffer => {
  if (used + count > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += count
  return Buffer.from(pool.subarray(used - count, used))
}
