import { expect, test } from '@jest/globals'
import { withGatewayRefusals } from './refusals.js'

const unavailable = { description: '`busy`: Try again', headers: { 'Retry-After': {} } }
const document = {
  tags: [],
  paths: {
    '/api/v1/loans': {
      get: { responses: { 200: {}, 503: { $ref: '#/components/responses/Busy' } } },
      post: { responses: { 429: { description: '`too_many_attempts`: Wait' } } },
    },
  },
  components: { responses: { Busy: unavailable }, schemas: { Problem: {} } },
}

test('the gateway may refuse every operation, besides what its service can refuse', () => {
  const { paths, components } = withGatewayRefusals(document)
  expect(paths['/api/v1/loans']).toEqual({
    get: {
      responses: {
        200: {},
        429: { $ref: '#/components/responses/RateLimitExceeded' },
        503: { $ref: '#/components/responses/BusyOrOverloaded' },
      },
    },
    post: {
      responses: {
        429: { description: expect.stringMatching(/^`too_many_attempts`: Wait; `rate_limit_exceeded`: /) },
        503: { $ref: '#/components/responses/Overloaded' },
      },
    },
  })
  expect(components['responses']).toEqual({
    RateLimitExceeded: expect.objectContaining({ headers: { 'Retry-After': { schema: { type: 'string' } } } }),
    Overloaded: expect.objectContaining({ description: expect.stringContaining('`overloaded`') }),
    BusyOrOverloaded: { ...unavailable, description: expect.stringMatching(/^`busy`: Try again; `overloaded`: /) },
  })
})

test('the document that a service told is left as it was', () => {
  const before = structuredClone(document)
  withGatewayRefusals(document)
  expect(document).toEqual(before)
})
