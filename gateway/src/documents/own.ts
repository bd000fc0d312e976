const json = (properties: object, example: object) => ({
  content: {
    'application/json': { schema: { type: 'object', required: Object.keys(properties), properties }, example },
  },
})

const readiness = {
  status: { type: 'string', enum: ['ready', 'waiting', 'draining'] },
  waiting_for: { type: 'array', items: { type: 'string' } },
}

export const ownTags = [{ name: 'Operations' }]

/** What the gateway answers itself, as OpenAPI. */
export const ownPaths = {
  '/healthz': {
    get: {
      operationId: 'getHealthz',
      summary: 'Tell whether the gateway is alive',
      tags: ['Operations'],
      security: [],
      responses: { 200: { description: 'It is', ...json({ status: { type: 'string' } }, { status: 'ok' }) } },
    },
  },
  '/readyz': {
    get: {
      operationId: 'getReadyz',
      summary: 'Tell whether the gateway should get requests',
      tags: ['Operations'],
      security: [],
      responses: {
        200: { description: 'It should', ...json(readiness, { status: 'ready', waiting_for: [] }) },
        503: { description: 'Not now', ...json(readiness, { status: 'waiting', waiting_for: ['auth-service'] }) },
      },
    },
  },
}
