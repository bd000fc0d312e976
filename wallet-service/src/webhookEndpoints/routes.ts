import type { Caller } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, feedQuery, pageQuery } from '@countinghouse/shared/http/fields'
import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { boundTo } from '../ledger/walletAccess.js'
import { addEndpoint, assertOutside, editEndpoint, findMissingEmail, getEndpoint, redeliver, removeEndpoint, rotateSecret, type Deps } from './commands.js' // prettier-ignore
import { DELIVERY_STATUSES } from './domain.js'
import { countEndpoints, listDeliveries, listEndpoints } from './store.js'
import { DeliveryView, EndpointBody, EndpointChange, EndpointView, RotationBody, SecretView, examples, toDeliveryView, toEndpointView, toSecretView } from './views.js' // prettier-ignore

const tag = 'Webhook endpoints'
const access = ['customer', 'vendor', 'admin'] as const
const params = z.object({ id: Id })
const unknown = 'webhook_endpoint_not_found'
const HOUR_MS = 3_600_000

const whichOf = (id: string, caller: Caller) => ({ id, ownerId: boundTo(caller) })

export const webhookEndpointEndpoints = (deps: Deps) => [
  ...readEndpoints(deps),
  ...writeEndpoints(deps),
  ...deliveryEndpoints(deps),
]

const readEndpoints = ({ db }: Deps) => [
  endpoint({
    ...{ method: 'get', path: '/webhook-endpoints', summary: 'Where events are sent to', tag, access },
    query: z.object(pageQuery),
    view: EndpointView,
    list: true,
    example: examples.list,
    handle: async ({ query: at, caller }) => {
      const reads = readsOn(db)
      const ownerId = boundTo(caller)
      const [found, total] = await Promise.all([
        listEndpoints(reads, ownerId, rangeOf(at)),
        countEndpoints(reads, ownerId),
      ])
      return new Page(found, total, at).map(toEndpointView)
    },
  }),
  endpoint({
    ...{ method: 'get', path: '/webhook-endpoints/:id', summary: 'One endpoint', tag, access },
    params,
    view: EndpointView,
    refusals: [unknown],
    example: examples.read,
    handle: async ({ params: { id }, caller }) => toEndpointView(await getEndpoint(readsOn(db), whichOf(id, caller))),
  }),
]

const writeEndpoints = (deps: Deps) => [
  endpoint({
    ...{ method: 'post', path: '/webhook-endpoints', summary: 'Have events sent somewhere', tag, access, status: 201 },
    idempotent: true,
    body: EndpointBody,
    view: SecretView,
    refusals: ['webhook_url_refused', 'webhook_endpoints_limit'],
    example: examples.add,
    handle: async ({ body: { url, events, description = null }, caller, authorization, once }) => {
      await assertOutside(deps, url)
      const email = await deps.emailOf(authorization)
      const asked = { url, events, description, email, ownerId: boundTo(caller) ?? null }
      return once(async (tx) => toSecretView(await addEndpoint(tx, deps, asked)))
    },
  }),
  endpoint({
    ...{
      method: 'patch',
      path: '/webhook-endpoints/:id',
      summary: 'Change an endpoint, or switch it off or on',
      tag,
      access,
    },
    params,
    body: EndpointChange,
    view: EndpointView,
    refusals: [unknown, 'webhook_url_refused', 'version_conflict'],
    example: examples.change,
    handle: async ({ params: { id }, body, caller, authorization, ifMatch, once }) => {
      if (body.url !== undefined) await assertOutside(deps, body.url)
      const which = whichOf(id, caller)
      const changes = { ...body, email: await findMissingEmail(deps, which, authorization) }
      return once(async (tx) => toEndpointView(await editEndpoint(tx, which, { changes, ifMatch })))
    },
  }),
  endpoint({
    ...{
      method: 'delete',
      path: '/webhook-endpoints/:id',
      summary: 'Remove an endpoint and its log',
      tag,
      access,
      status: 204,
    },
    params,
    view: z.void(),
    refusals: [unknown],
    handle: ({ params: { id }, caller, once }) => once((tx) => removeEndpoint(tx, whichOf(id, caller))),
  }),
  endpoint({
    ...{ method: 'post', path: '/webhook-endpoints/:id/rotate-secret', summary: 'Replace its secret; the old one signs for a while as well', tag, access }, // prettier-ignore
    params,
    body: RotationBody,
    view: SecretView,
    refusals: [unknown],
    example: examples.rotate,
    handle: ({ params: { id }, body: { overlap_hours }, caller, once }) =>
      once(async (tx) => toSecretView(await rotateSecret(tx, deps, whichOf(id, caller), overlap_hours * HOUR_MS))),
  }),
]

const deliveryEndpoints = ({ db, now }: Deps) => [
  endpoint({
    ...{ method: 'get', path: '/webhook-endpoints/:id/deliveries', summary: 'What was sent, newest first, with every try', tag, access }, // prettier-ignore
    reads: { data: 'financial', of: 'webhook-endpoint' },
    params,
    query: z.object({ ...feedQuery, status: z.enum(DELIVERY_STATUSES).optional() }),
    view: DeliveryView,
    list: true,
    refusals: [unknown],
    example: examples.deliveries,
    handle: async ({ params: { id }, query, caller }) => {
      const { _id: endpointId } = await getEndpoint(readsOn(db), whichOf(id, caller))
      return (await listDeliveries(readsOn(db), { ...query, endpointId })).map(toDeliveryView)
    },
  }),
  endpoint({
    ...{ method: 'post', path: '/webhook-endpoints/:id/deliveries/:deliveryId/redeliver', summary: 'Send it once more', tag, access }, // prettier-ignore
    status: 202,
    params: params.extend({ deliveryId: Id }),
    view: DeliveryView,
    refusals: [unknown, 'webhook_delivery_not_found'],
    example: examples.redeliver,
    handle: ({ params: { id, deliveryId }, caller, once }) =>
      once(async (tx) => toDeliveryView(await redeliver(tx, whichOf(id, caller), deliveryId, now()))),
  }),
]
