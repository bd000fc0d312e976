import { counter } from '../metrics.js'
import type { Caller } from './caller.js'

/** Who a credential is, until when it may be believed, and by which key a token is signed. */
export type Verified = { readonly caller: Caller; readonly untilMs: number; readonly signedBy?: string }

/** The credentials that were verified. Looking one up costs no signature, no parsing and no hash of the whole. */
export interface VerifiedMemory {
  find(credential: string, nowMs: number): Verified | undefined
  keep(credential: string, verified: Verified): void
}

type Entry = Verified & { readonly credential: string }

const KEPT_AT_MOST = 20_000
// The end of a token is of its signature and the end of a key is random, so that it tells them apart as well as the whole.
const TAIL_LENGTH = 24

const hits = counter('token_cache_hits_total', 'Credentials that were recognised without being verified again')
const misses = counter('token_cache_misses_total', 'Credentials that had to be verified')

/** Remembers a bounded number, in two generations: when the younger one is full, what was not asked for in it is forgotten. */
export const createVerifiedMemory = (keptAtMost = KEPT_AT_MOST): VerifiedMemory => {
  let young = new Map<string, Entry>()
  let old = new Map<string, Entry>()
  const add = (tail: string, entry: Entry): void => {
    if (young.size >= keptAtMost / 2) {
      old = young
      young = new Map()
    }
    young.set(tail, entry)
  }
  const recall = (tail: string): Entry | undefined => {
    const recent = young.get(tail)
    if (recent) return recent
    const earlier = old.get(tail)
    if (earlier) add(tail, earlier)
    return earlier
  }
  return {
    find: (credential, nowMs) => {
      const entry = recall(credential.slice(-TAIL_LENGTH))
      const isKnown = entry !== undefined && entry.credential === credential && nowMs < entry.untilMs
      if (isKnown) hits.inc()
      else misses.inc()
      return isKnown ? entry : undefined
    },
    keep: (credential, verified) => {
      add(credential.slice(-TAIL_LENGTH), { credential, ...verified })
    },
  }
}
