import type { IncomingMessage, RequestListener } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { PASSWORD, accountsOf, changesOf, customerOf, type Change, type Customer } from './domain.js'

type Asked = { token: string | undefined; body: Record<string, unknown> }
type Answer = { status: number; body: unknown }

const refused = (status: number, code: string, more: object = {}): Answer => ({
  status,
  body: { code, status, detail: code, ...more },
})

/** What the institution remembers of a customer while it runs. */
type State = { customer: Customer; answers: number; second: number; inSecond: number; loginsSinceEnd: number }

/** The sandbox institution: latency, errors, limits and logins that end, over plain HTTP. */
export const createInstitution = (now: () => Date): RequestListener => {
  const states = new Map<string, State>()
  const stateOf = (username: string): State => {
    const fresh = { customer: customerOf(username), answers: 0, second: 0, inSecond: 0, loginsSinceEnd: 0 }
    const state = states.get(username) ?? fresh
    states.set(username, state)
    return state
  }
  const routes: Record<string, (asked: Asked) => Promise<Answer>> = {
    '/login': ({ body }) => Promise.resolve(login(stateOf, body)),
    '/accounts': (asked) =>
      behaving(stateOf, asked, now, ({ customer }) => ({ status: 200, body: accountsOf(customer) })),
    '/transactions/sync': (asked) =>
      behaving(stateOf, asked, now, ({ customer }) => ({ status: 200, body: stretchOf(customer, asked.body) })),
    '/sandbox/pass-days': ({ body }) => {
      const state = stateOf(String(body['username']))
      state.customer = { ...state.customer, days: state.customer.days + Number(body['days'] ?? 1) }
      return Promise.resolve({ status: 200, body: { days: state.customer.days } })
    },
  }
  return (request, response) => {
    void answer(routes, request)
      .catch(() => refused(400, 'malformed'))
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      })
  }
}

const answer = async (
  routes: Record<string, (asked: Asked) => Promise<Answer>>,
  request: IncomingMessage,
): Promise<Answer> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>
  const route = routes[request.url ?? '']
  return route
    ? route({ token: request.headers.authorization?.replace(/^Bearer /, ''), body })
    : refused(404, 'unknown')
}

type StateOf = (username: string) => State

// The token says whose it is, and which login gave it, so that it is good after a restart as well.
const login = (stateOf: StateOf, { username, password }: Record<string, unknown>): Answer => {
  if (password !== PASSWORD) return refused(401, 'credentials_rejected')
  const state = stateOf(String(username))
  if (hasEnded(state.customer)) state.loginsSinceEnd += 1
  return { status: 200, body: { access_token: `${String(username)}.${state.loginsSinceEnd.toString()}` } }
}

const hasEnded = ({ days, loginEndsOn }: Customer): boolean => loginEndsOn !== null && days >= loginEndsOn

const behaving = async (
  stateOf: StateOf,
  { token = '' }: Asked,
  now: () => Date,
  give: (state: State) => Answer,
): Promise<Answer> => {
  const [username = '', login = ''] = token.split('.')
  if (username === '') return refused(401, 'login_required')
  const state = stateOf(username)
  const { latencyMs, failsEach, perSecond } = state.customer
  state.answers += 1
  const second = Math.floor(now().getTime() / 1_000)
  state.inSecond = state.second === second ? state.inSecond + 1 : 1
  state.second = second
  await pause(latencyMs)
  if (state.inSecond > perSecond) return refused(429, 'rate_limited', { retry_after: 1 })
  if (hasEnded(state.customer) && login === '0') return refused(401, 'login_required')
  if (failsEach !== null && state.answers % failsEach === 0) return refused(503, 'internal')
  return give(state)
}

const COUNT_MAX = 500

const stretchOf = (customer: Customer, body: Record<string, unknown>) => {
  const from = Number(body['cursor'] ?? 0)
  const count = Math.min(Number(body['count'] ?? 100), COUNT_MAX)
  const changes = changesOf(customer)
  const stretch = changes.slice(from, from + count)
  const added = stretch.flatMap((change: Change) => (change.kind === 'added' ? [change.told] : []))
  const removed = stretch.flatMap((change) => (change.kind === 'removed' ? [{ transaction_id: change.id }] : []))
  const next = from + stretch.length
  return { added, modified: [], removed, next_cursor: next.toString(), has_more: next < changes.length }
}
