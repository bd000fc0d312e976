/** Failed logins by one name (an e-mail address or a username) or from one network address. */
export type Failures = { _id: string; count: number; lastAt: Date; delayedUntil: Date; expiresAt: Date }

/** Whom failures count for, how many are free, and how long it takes to forget one. */
export type Subject = { id: string; freeFailures: number; forgetMs: number }

export type Subjects = { login: Subject; address: Subject }

const MINUTE_MS = 60_000
const PER_LOGIN = { freeFailures: 5, forgetMs: 15 * MINUTE_MS }
// Behind one address there may be a whole office.
const PER_ADDRESS = { freeFailures: 30, forgetMs: MINUTE_MS }
const LONGEST_DELAY_MS = 15 * MINUTE_MS

/**
 * What a failed login counts for. An address from which the user has logged in counts by itself, so that nobody
 * elsewhere can delay them for ever.
 */
export const subjectsOf = (loginHash: string, address: string, isKnownAddress: boolean): Subjects => ({
  login: { id: isKnownAddress ? loginFrom(loginHash, address) : loginOf(loginHash), ...PER_LOGIN },
  address: { id: `address:${networkOf(address)}`, ...PER_ADDRESS },
})

/** An IPv4 address, or the network of an IPv6 one: whoever has one of its addresses has them all. */
export const networkOf = (address: string): string => {
  const [, v4] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? []
  if (v4 !== undefined || !address.includes(':')) return v4 ?? address
  const [head = '', tail] = address.split('::')
  const [left, right] = [groupsOf(head), groupsOf(tail ?? '')]
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0')
  return `${[...left, ...zeros, ...right].slice(0, 4).join(':')}::/64`
}

const groupsOf = (part: string): string[] => (part === '' ? [] : part.split(':'))

export const loginOf = (loginHash: string): string => `login:${loginHash}`
export const loginFrom = (loginHash: string, address: string): string => `${loginOf(loginHash)}:${address}`

/** One more failure: beyond the free ones each delays the next attempt twice as long, a quarter of an hour at most. */
export const addFailure = (earlier: Failures | undefined, subject: Subject, now: Date): Failures => {
  const { id, freeFailures, forgetMs } = subject
  const nowMs = now.getTime()
  const remembered = earlier ? earlier.count - (nowMs - earlier.lastAt.getTime()) / forgetMs : 0
  const count = Math.max(0, remembered) + 1
  const beyond = Math.round(count) - freeFailures
  const delayMs = beyond < 0 ? 0 : Math.min(1000 * 2 ** beyond, LONGEST_DELAY_MS)
  return {
    _id: id,
    count,
    lastAt: now,
    delayedUntil: new Date(nowMs + delayMs),
    expiresAt: new Date(nowMs + count * forgetMs),
  }
}

/** True once for each run of failures: when it begins to cost time. */
export const beginsToDelay = ({ count }: Failures, { freeFailures }: Subject): boolean =>
  Math.round(count) === freeFailures

/** How many seconds from now the next attempt is allowed; 0 when it is allowed now. */
export const secondsToWait = (found: Failures[], now: Date): number => {
  const waits = found.map(({ delayedUntil }) => Math.ceil((delayedUntil.getTime() - now.getTime()) / 1000))
  return Math.max(0, ...waits)
}
