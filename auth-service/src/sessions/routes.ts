import { ROLES } from '@countinghouse/shared/contracts/auth'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, Timestamp, pageQuery } from '@countinghouse/shared/http/fields'
import { toWire } from '@countinghouse/shared/http/wire'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { refuse } from '../errors.js'
import type { EndSessions } from '../ports.js'
import { exampleProfile, exampleTokens, ProfileView, TokensView, toProfileView } from '../views.js'
import { endOwn } from './commands/end.js'
import { refresh, type Deps as RefreshDeps } from './commands/refresh.js'
import type { Session } from './domain.js'
import { listSessions } from './store.js'

export type Deps = RefreshDeps & { endSessions: EndSessions }

const SessionView = z.object({
  id: Id,
  device: z.string().nullable(),
  address: z.string(),
  created_at: Timestamp,
  last_used_at: Timestamp,
  expires_at: Timestamp,
  current: z.boolean(),
})

const exampleSession = {
  id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a12',
  device: 'Mozilla/5.0 (Android 16; Mobile)',
  address: '203.0.113.7',
  created_at: '2026-11-21T09:30:00.000Z',
  last_used_at: '2026-11-21T09:30:00.000Z',
  expires_at: '2026-12-21T09:30:00.000Z',
  current: true,
}

const Secret = z.string().min(1).max(4096)

const RefreshBody = z
  .strictObject({
    refresh_token: Secret.optional(),
    refresh: Secret.optional().meta({ description: 'The same by another name' }),
  })
  .transform((body, context) => {
    const secret = body.refresh_token ?? body.refresh
    if (secret !== undefined) return { secret }
    context.addIssue({ code: 'custom', path: ['refresh_token'], message: 'field required' })
    return z.NEVER
  })

export const sessionEndpoints = (deps: Deps) => [
  ...['/auth/refresh', '/auth/token/refresh'].map((path) =>
    endpoint({
      method: 'post',
      path,
      summary: 'Exchange a refresh token for a new pair; the old one is retired',
      tag: 'Sessions',
      access: 'public',
      headers: { 'Cache-Control': 'no-store' },
      form: true,
      body: RefreshBody,
      view: z.object({ user: ProfileView, ...TokensView.shape }),
      refusals: ['invalid_token', 'token_expired', 'user_gone'],
      example: {
        body: { refresh_token: exampleTokens.refresh_token },
        view: { user: exampleProfile, ...exampleTokens },
      },
      handle: async ({ body, userAgent, address }) => {
        const { user, tokens } = await refresh(deps, body.secret, { device: userAgent, address })
        return { user: toProfileView(user), ...toWire(tokens) }
      },
    }),
  ),
  endpoint({
    method: 'post',
    path: '/auth/logout',
    summary: 'End this session',
    tag: 'Sessions',
    access: ROLES,
    status: 204,
    view: z.void(),
    handle: ({ user: { userId, sessionId }, once }) =>
      once(async (tx) => void (await endOwn(tx, deps, { userId, sessionId }, 'logout'))),
  }),
  endpoint({
    method: 'post',
    path: '/auth/logout-all',
    summary: 'End all my sessions, this one too',
    tag: 'Sessions',
    access: ROLES,
    status: 204,
    view: z.void(),
    handle: ({ user: { userId }, once }) => once((tx) => deps.endSessions(tx, { userId }, 'logout_all')),
  }),
  endpoint({
    method: 'get',
    path: '/auth/sessions',
    summary: 'My sessions, the last used first',
    tag: 'Sessions',
    access: ROLES,
    query: z.object(pageQuery),
    view: SessionView,
    list: true,
    example: { view: [exampleSession] },
    handle: async ({ user: { userId, sessionId }, query }) => {
      const found = await listSessions(readsOn(deps.db), { userId, now: deps.now(), ...query })
      return found.map((session) => toView(session, sessionId))
    },
  }),
  endpoint({
    method: 'delete',
    path: '/auth/sessions/:id',
    summary: 'End one of my sessions',
    tag: 'Sessions',
    access: ROLES,
    status: 204,
    params: z.object({ id: Id }),
    view: z.void(),
    refusals: ['session_not_found'],
    handle: ({ user: { userId }, params: { id }, once }) =>
      once(async (tx) => {
        const isEnded = await endOwn(tx, deps, { userId, sessionId: id }, 'ended_by_user')
        if (!isEnded) throw refuse('session_not_found', { session_id: id })
      }),
  }),
]

const toView = ({ _id, ...session }: Session, current: string) => ({
  id: _id,
  ...toWire(session),
  current: _id === current,
})
