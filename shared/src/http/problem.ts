import type { z } from 'zod'
import { Refusal, refuse } from '../refusal.js'

/** An RFC 9457 problem document, with `message` repeating `detail` for older clients. */
export type Problem = {
  type: string
  title: string
  status: number
  detail: string
  message: string
  code: string
  instance: string
  request_id: string
  [context: string]: unknown
}

export const PROBLEM_TYPE = 'application/problem+json'
const RETRY_AFTER_SECONDS = 1

export type ProblemOptions = {
  instance: string
  requestId: string
  /** Shows what really failed; never set in production. */
  showFaults: boolean
}

/** What a caller is told about an error: a refusal in full, a fault as nothing but `Internal Server Error`. */
export const toProblem = (error: unknown, { instance, requestId, showFaults }: ProblemOptions): Problem => {
  const refusal = toRefusal(error)
  const fault = refusal.code === 'internal_error'
  const detail = fault && showFaults ? String(error) : refusal.message
  return {
    ...refusal.context,
    type: `urn:countinghouse:problem:${refusal.code}`,
    title: titleOf(refusal.code),
    status: refusal.status,
    detail,
    message: detail,
    code: refusal.code,
    instance,
    request_id: requestId,
    ...(fault && { error: 'Internal Server Error' }),
  }
}

/** The headers that go with a problem of this status. */
export const problemHeaders = ({ status, code, retry_after }: Problem): Record<string, string> => ({
  'content-type': PROBLEM_TYPE,
  ...(status === 401 && { 'www-authenticate': 'Bearer' }),
  ...((status === 503 || code === 'idempotency_in_progress') && { 'retry-after': RETRY_AFTER_SECONDS.toString() }),
  ...(typeof retry_after === 'number' && { 'retry-after': retry_after.toString() }),
})

export const isFault = (error: unknown): boolean => toRefusal(error).code === 'internal_error'

const titleOf = (code: string): string => (code.charAt(0).toUpperCase() + code.slice(1)).replaceAll('_', ' ')

const toRefusal = (error: unknown): Refusal => {
  if (error instanceof Refusal) return error
  const { type, limit } = error as { type?: string; limit?: number }
  if (type === 'entity.parse.failed' || type === 'encoding.unsupported') return refuse('malformed_json')
  if (type === 'entity.too.large') return refuse('payload_too_large', { limit })
  return refuse('internal_error')
}

type Issue = { loc: (string | number)[]; msg: string; type: string }

/** The refusal of input that breaks its schema, with one entry for each place. */
export const validationRefusal = (part: string, error: z.ZodError): Refusal =>
  invalid(error.issues.flatMap((issue) => toIssues(part, issue)))

/** The refusal of one place in the input by a rule that no schema can hold. */
export const invalidAt = (loc: (string | number)[], msg: string, type = 'value_error'): Refusal =>
  invalid([{ loc, msg, type }])

const invalid = (errors: Issue[]): Refusal => refuse('validation_failed', { errors })

const toIssues = (part: string, issue: z.core.$ZodIssue): Issue[] => {
  const loc = [part, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        loc: [...loc, key],
        msg: 'extra fields not permitted',
        type: 'value_error.extra',
      }))
    case 'too_small':
      return [
        issue.inclusive === false && issue.minimum === 0
          ? notAboveZero(loc)
          : { loc, msg: issue.message, type: 'value_error.too_small' },
      ]
    case 'invalid_type':
      return [
        issue.input === undefined
          ? { loc, msg: 'field required', type: 'value_error.missing' }
          : { loc, msg: issue.message, type: 'type_error' },
      ]
    case 'custom':
      return [issue.message === NOT_ABOVE_ZERO ? notAboveZero(loc) : { loc, msg: issue.message, type: 'value_error' }]
    default:
      return [{ loc, msg: issue.message, type: `value_error.${issue.code}` }]
  }
}

export const NOT_ABOVE_ZERO = 'ensure this value is greater than 0'
const notAboveZero = (loc: (string | number)[]): Issue => ({
  loc,
  msg: NOT_ABOVE_ZERO,
  type: 'value_error.number.not_gt',
})
