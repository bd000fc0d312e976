import { ownRefusals } from './refusals.js'

const answer = (properties: object, example: object) => ({
  'application/json': { schema: { type: 'object', required: Object.keys(properties), properties }, example },
})
const text = { type: 'string' }
const whole = { type: 'integer' }

const reading = (operationId: string, summary: string, content: object, others: object = {}) => ({
  get: {
    operationId,
    summary,
    tags: ['Operations'],
    security: [],
    'x-access': 'public',
    responses: { 200: { description: summary, content }, ...others },
  },
})

const limited = (operationId: string, summary: string, content: object) =>
  reading(operationId, summary, content, ownRefusals)

const readiness = {
  status: { ...text, enum: ['ready', 'waiting', 'draining'] },
  waiting_for: { type: 'array', items: text },
}

const configuration = {
  name: text,
  version: text,
  default_currency: text,
  currencies: {
    type: 'array',
    items: { type: 'object', required: ['code', 'decimals'], properties: { code: text, decimals: whole } },
  },
  limits: { type: 'object' },
}

const exampleConfiguration = {
  name: 'countinghouse',
  version: '0.1.0',
  default_currency: 'USD',
  currencies: [{ code: 'USD', decimals: 2 }],
  limits: { rate: { enabled: true, per_minute: 100 }, body_max_bytes: 1048576, page_size_max: 100 },
}

const links = { name: text, docs: text, openapi: text, health: text, base: text }
const exampleLinks = {
  name: 'countinghouse',
  docs: '/docs',
  openapi: '/openapi.json',
  health: '/healthz',
  base: '/api/v1',
}

const page = { 'text/html': { schema: text } }

export const ownTags = [{ name: 'Operations' }]

/** What the gateway answers itself, as OpenAPI. */
export const ownPaths = {
  '/': limited('getRoot', 'Tell where the rest is', answer(links, exampleLinks)),
  '/healthz': reading('getHealthz', 'Tell whether the gateway is alive', answer({ status: text }, { status: 'ok' })),
  '/readyz': reading(
    'getReadyz',
    'Tell whether the gateway should get requests',
    answer(readiness, { status: 'ready', waiting_for: [] }),
    {
      503: {
        description: 'Not now',
        content: answer(readiness, { status: 'waiting', waiting_for: ['auth-service'] }),
      },
    },
  ),
  '/config': limited('getConfig', 'Read the public settings', answer(configuration, exampleConfiguration)),
  '/openapi.json': limited('getOpenapiJson', 'Read this document', {
    'application/json': { schema: { type: 'object' }, example: { openapi: '3.1.0' } },
  }),
  '/docs': limited('getDocs', 'The page of the API', page),
  '/swagger': limited('getSwagger', 'The page of the API, as of old', page),
}
