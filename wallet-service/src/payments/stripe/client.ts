import { Agent } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import { createCircuit } from '@countinghouse/shared/http/circuit'
import { Refusal, refuse } from '@countinghouse/shared/refusal'
import { Stripe } from 'stripe'
import { ProviderRefused } from '../provider.js'
import { readError, readPayment } from './read.js'

export type StripeAccess = { apiKey: string; apiUrl: string }

/** Makes calls at Stripe, through a pool and a breaker of their own. */
export type StripeCalls = {
  /** Throws a `ProviderRefused` for a final no, and refuses as `dependency_unavailable` when the outcome is open. */
  call<Answer>(act: (stripe: Stripe) => Promise<Answer>): Promise<Answer>
}

const TIMEOUT_MS = 8_000
const PROVIDER = 'the payment provider'

export const createStripeCalls = (access: StripeAccess): StripeCalls => {
  const stripe = openStripe(access)
  const circuit = createCircuit(
    'payment-provider',
    (act: (stripe: Stripe) => Promise<unknown>) => act(stripe),
    isAnswer,
  )
  return {
    call: async <Answer>(act: (stripe: Stripe) => Promise<Answer>): Promise<Answer> => {
      try {
        return (await circuit.fire(act)) as Answer
      } catch (error) {
        throw toRefusal(error)
      }
    },
  }
}

const openStripe = ({ apiKey, apiUrl }: StripeAccess): Stripe => {
  const { hostname, port, protocol } = new URL(apiUrl)
  const isTls = protocol === 'https:'
  return new Stripe(apiKey, {
    apiVersion: Stripe.API_VERSION,
    host: hostname,
    port: port === '' ? (isTls ? 443 : 80) : port,
    protocol: isTls ? 'https' : 'http',
    httpAgent: isTls ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true }),
    timeout: TIMEOUT_MS,
    // Whoever waits repeats under the same key; a second try here would make them wait for twice as long.
    maxNetworkRetries: 0,
    telemetry: false,
  })
}

// Two that ask the same thing at once, and too many that ask: neither says that it will not be done.
const OPEN_STATUSES = [401, 403, 409, 429]

const isAnswer = (error: unknown): boolean => error instanceof Stripe.errors.StripeError && isFinalNo(error)

const isFinalNo = ({ statusCode }: Stripe.errors.StripeError): boolean =>
  statusCode !== undefined && statusCode >= 400 && statusCode < 500 && !OPEN_STATUSES.includes(statusCode)

const toRefusal = (error: unknown): Error => {
  if (error instanceof Refusal) return error
  if (!(error instanceof Stripe.errors.StripeError) || !isFinalNo(error))
    return refuse('dependency_unavailable', { dependency: PROVIDER })
  if (error instanceof Stripe.errors.StripeIdempotencyError) return error
  const payment = error.payment_intent
  return new ProviderRefused(readError(error), payment && readPayment(payment))
}

/** What stands where no provider is configured. */
export const noProvider = (): StripeCalls => ({
  call: () => Promise.reject(refuse('dependency_unavailable', { dependency: PROVIDER })),
})
