/** At most so many requests in any stretch of time of that length. */
export type Policy = { readonly name: string; readonly quota: number; readonly windowMs: number }
/** A policy and whose requests it counts. */
export type Rule = { readonly policy: Policy; readonly key: string }
/** How one rule stands after a request. */
export type Standing = { readonly rule: Rule; readonly remaining: number; readonly resetMs: number }
/** Whether a request may pass, and how its rules stand; refused, it counts nowhere. */
export type Verdict = { readonly refusedBy: Standing | undefined; readonly standings: readonly Standing[] }

export type Quotas = {
  readonly perMinute: number
  readonly anonymousPerDay: number
  readonly userPerDay: number
  readonly loginsPerMinute: number
  readonly registrationsPerHour: number
}

export type Call = {
  readonly method: string
  /** Below the API's base. */
  readonly url: string
  readonly actor: string
  readonly address: string
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const SHOP = /^\/(products|categories|cart|orders|reviews|availability)(?=[/?]|$)/
// The services read paths whatever their case.
const LOGIN = /^\/auth\/login\/*(?=\?|$)/i
const REGISTRATION = /^\/auth\/(register|forgot-password|reset-password|verify-email)(?=[/?]|$)/i

/** The rules that a call has to keep: everyone's, those of the shop, those of the doors that are tried by guessing. */
export const createRules = (quotas: Quotas): ((call: Call) => readonly Rule[]) => {
  const minute: Policy = { name: 'minute', quota: quotas.perMinute, windowMs: MINUTE }
  const anonymousDay: Policy = { name: 'day', quota: quotas.anonymousPerDay, windowMs: DAY }
  const userDay: Policy = { name: 'day', quota: quotas.userPerDay, windowMs: DAY }
  const logins: Policy = { name: 'login', quota: quotas.loginsPerMinute, windowMs: MINUTE }
  const registrations: Policy = { name: 'registration', quota: quotas.registrationsPerHour, windowMs: HOUR }
  return ({ method, url, actor, address }) => {
    if (actor.startsWith('service:')) return []
    const place = `address:${networkOf(address)}`
    const isAnonymous = actor === 'anonymous'
    const who = isAnonymous ? place : actor
    const rules = [toRule(minute, who)]
    if (SHOP.test(url)) rules.push(toRule(isAnonymous ? anonymousDay : userDay, who))
    if (method === 'POST' && LOGIN.test(url)) rules.push(toRule(logins, place))
    if (method === 'POST' && REGISTRATION.test(url)) rules.push(toRule(registrations, place))
    return rules
  }
}

const toRule = (policy: Policy, who: string): Rule => ({ policy, key: `${policy.name}:${who}` })

/** Whose address it is: in IPv6 a subscriber has the last 64 bits to himself, so they say nothing. */
export const networkOf = (address: string): string => {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.replace(/%.*$/, '').toLowerCase().split('::')
  const groups = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? 0 : tail.split(':').length + (tail.includes('.') ? 1 : 0)
  while (tail !== undefined && groups.length + after < 8) groups.push('0')
  const all = [...groups, ...(tail === undefined || tail === '' ? [] : tail.split(':'))]
  return `${all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}

/** The headers by which a client can pace itself (the RateLimit fields of the IETF's HTTP API group). */
export const toHeaders = ({ refusedBy, standings }: Verdict): Record<string, string> => ({
  'ratelimit-policy': standings.map(({ rule }) => policyItem(rule.policy)).join(', '),
  ratelimit: standings
    .map(({ rule, remaining, resetMs }) => `"${rule.policy.name}";r=${remaining};t=${toSeconds(resetMs)}`)
    .join(', '),
  ...(refusedBy && { 'retry-after': toSeconds(refusedBy.resetMs).toString() }),
})

const policyItem = ({ name, quota, windowMs }: Policy): string => `"${name}";q=${quota};w=${toSeconds(windowMs)}`

/** Whole seconds, rounded up, so that who waits that long has waited long enough. */
export const toSeconds = (milliseconds: number): number => Math.ceil(milliseconds / SECOND)
