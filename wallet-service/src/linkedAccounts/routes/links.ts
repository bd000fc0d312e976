import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, feedQuery } from '@countinghouse/shared/http/fields'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import type { Connection } from 'mongoose'
import { z } from 'zod'
import { readers, refuseForeign, writers } from '../access.js'
import { addLink, getLink, openDoor, removeLink, reopenLink, type Connecting } from '../commands/links.js'
import { CredentialsBody, LinkBody, LinkView, StartedView, SyncView, examples, toLinkView, toStartedView, toSyncView } from '../linkViews.js' // prettier-ignore
import { listLinks, listSyncs } from '../store/links.js'

export type Deps = Connecting & { db: Connection; now: () => Date }

const tag = 'Linked accounts'
const ofUser = z.object({ userId: Id })
const ofLink = z.object({ userId: Id, linkId: Id })
const all = '/users/:userId/accounts/links'
const one = '/users/:userId/accounts/links/:linkId'
const institutional = ['credentials_rejected', 'institution_unknown', 'institution_limited', 'dependency_unavailable']

export const linkEndpoints = (deps: Deps) => [...readEndpoints(deps), ...writeEndpoints(deps)]

const readEndpoints = ({ db }: Deps) => [
  endpoint({
    ...{ method: 'get', path: all, summary: 'The institutions that a user is connected to', tag },
    reads: { data: 'financial', of: 'user' },
    access: readers,
    params: ofUser,
    view: z.array(LinkView),
    example: examples.links,
    handle: async ({ params: { userId }, caller }) => {
      refuseForeign(caller, userId)
      return (await listLinks(readsOn(db), userId)).map(toLinkView)
    },
  }),
  endpoint({
    ...{ method: 'get', path: `${one}/syncs`, summary: 'What the syncs of a connection brought, newest first', tag },
    reads: { data: 'financial', of: 'user' },
    access: readers,
    params: ofLink,
    query: z.object(feedQuery),
    view: SyncView,
    list: true,
    refusals: ['link_not_found'],
    example: examples.syncs,
    handle: async ({ params, query, caller }) => {
      refuseForeign(caller, params.userId)
      await getLink(readsOn(db), params)
      return (await listSyncs(readsOn(db), { ...query, linkId: params.linkId })).map(toSyncView)
    },
  }),
]

const writeEndpoints = (deps: Deps) => [
  endpoint({
    ...{ method: 'post', path: all, summary: 'Connect to an institution, and begin to follow the accounts there', tag },
    access: writers,
    status: 201,
    params: ofUser,
    body: LinkBody,
    view: StartedView,
    refusals: institutional,
    example: examples.connect,
    handle: async ({ params: { userId }, body: { institution, ...credentials }, caller, once }) => {
      refuseForeign(caller, userId)
      const opened = await openDoor(deps, { institution, credentials })
      return once(async (tx) => toStartedView(await addLink(tx, userId, opened, deps.now())))
    },
  }),
  endpoint({
    ...{ method: 'post', path: `${one}/login`, summary: 'Log in again at an institution that asks for it', tag },
    access: writers,
    params: ofLink,
    body: CredentialsBody,
    view: StartedView,
    refusals: ['link_not_found', ...institutional],
    example: examples.reconnect,
    handle: async ({ params, body: credentials, caller, once }) => {
      refuseForeign(caller, params.userId)
      const { institution, _id: linkId } = await getLink(readsOn(deps.db), params)
      const opened = await openDoor(deps, { linkId, institution, credentials })
      return once(async (tx) => toStartedView(await reopenLink(tx, params, opened, deps.now())))
    },
  }),
  endpoint({
    ...{ method: 'delete', path: one, summary: 'End a connection, with the accounts that came through it', tag },
    access: writers,
    status: 204,
    params: ofLink,
    view: z.void(),
    refusals: ['link_not_found'],
    handle: ({ params, caller, once }) => {
      refuseForeign(caller, params.userId)
      return once((tx) => removeLink(tx, params))
    },
  }),
]
