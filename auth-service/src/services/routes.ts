import { SERVICE_TOKEN_PATH } from '@countinghouse/shared/http/authService'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { z } from 'zod'
import { refuse } from '../errors.js'
import { exampleTokens } from '../views.js'
import { issueServiceToken, SERVICE_TOKEN_SECONDS, type Credentials, type Deps } from './commands.js'

const Body = z.strictObject({
  grant_type: z.literal('client_credentials').default('client_credentials'),
  client_id: z.string().max(64).optional(),
  client_secret: z.string().max(256).optional(),
})

export const serviceEndpoints = (deps: Deps) => [
  endpoint({
    method: 'post',
    path: SERVICE_TOKEN_PATH,
    summary: 'A token for a service, by client credentials in the body or by HTTP Basic',
    tag: 'Services',
    access: 'public',
    headers: { 'Cache-Control': 'no-store' },
    form: true,
    body: Body,
    view: z.object({ access_token: z.string(), token_type: z.literal('bearer'), expires_in: z.number().int() }),
    refusals: ['invalid_client'],
    example: {
      body: { client_id: 'loan-service', client_secret: 'Zm9yIGxvYW4tc2VydmljZSBhbG9uZSwgYW5kIG5vYm9k…' },
      view: { access_token: exampleTokens.access_token, token_type: 'bearer', expires_in: SERVICE_TOKEN_SECONDS },
    },
    handle: ({ body, authorization }) => ({
      access_token: issueServiceToken(deps, credentialsFrom(body, authorization)),
      token_type: 'bearer' as const,
      expires_in: SERVICE_TOKEN_SECONDS,
    }),
  }),
]

const credentialsFrom = (body: z.infer<typeof Body>, authorization: string | undefined): Credentials => {
  const [, basic] = /^basic ([\w+/=-]+)$/i.exec(authorization ?? '') ?? []
  if (basic === undefined) return { clientId: body.client_id ?? '', clientSecret: body.client_secret ?? '' }
  const [clientId = '', clientSecret = '', ...rest] = Buffer.from(basic, 'base64').toString('utf8').split(':')
  if (rest.length > 0) throw refuse('invalid_client')
  return { clientId: decode(clientId), clientSecret: decode(clientSecret) }
}

// RFC 6749 has both parts form-encoded before they are put together.
const decode = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    throw refuse('invalid_client')
  }
}
