import { endpoint } from '@countinghouse/shared/http/endpoint'
import { rawBodyOf } from '@countinghouse/shared/http/rawBody'
import { z } from 'zod'
import { createIntake, type Deps } from './commands.js'
import { ToldEvent } from './told.js'

export const providerEventEndpoints = (deps: Pick<Deps, 'db' | 'now' | 'secrets'>) => {
  const intake = createIntake(deps)
  return [
    endpoint({
      method: 'post',
      path: '/webhooks/stripe',
      summary: 'Take an event of the payment provider, signed with `Stripe-Signature`; each takes effect once',
      tag: 'Payments',
      access: 'public',
      takes: { mediaType: 'application/json; charset=utf-8', schema: z.toJSONSchema(ToldEvent) },
      view: z.object({ received: z.literal(true) }),
      refusals: ['webhook_forged', 'busy'],
      example: { view: { received: true } },
      handle: async ({ incoming }) => {
        const signature = String(incoming.headers['stripe-signature'] ?? '')
        await intake({ body: rawBodyOf(incoming), signature })
        return { received: true as const }
      },
    }),
  ]
}
