import { commonRefusals, refuser } from '@countinghouse/shared/refusal'

/** Every refusal that the gateway itself gives. */
export const gatewayRefusals = {
  ...commonRefusals,
  unreadable_request: { status: 400, sentence: 'This is not a request that HTTP allows' },
  request_timeout: { status: 408, sentence: 'The request did not arrive in time' },
  uri_too_long: { status: 414, sentence: 'The address of the request is longer than {limit} bytes' },
  rate_limit_exceeded: {
    status: 429,
    sentence: 'More than {quota} requests in {window_seconds} seconds; try again in {retry_after} seconds',
  },
  headers_too_large: { status: 431, sentence: 'The headers of the request are larger than {limit} bytes' },
  overloaded: { status: 503, sentence: 'Too much is asked at once, try again shortly' },
} as const

export const refuse = refuser(gatewayRefusals)
