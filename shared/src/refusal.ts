/** What a refusal looks like to a caller: the HTTP status and one sentence, in which `{name}` stands for a context member. */
export type RefusalEntry = { readonly status: number; readonly sentence: string }
export type RefusalTable = Readonly<Record<string, RefusalEntry>>
export type RefusalContext = Readonly<Record<string, unknown>>

/** A business "no" with a stable code. Anything else that is thrown is a fault and answers 500. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  constructor(
    readonly code: string,
    readonly status: number,
    sentence: string,
    readonly context: RefusalContext = {},
  ) {
    super(sentence)
  }
}

/** Makes the `refuse` of one service from its table of refusals. */
export const refuser =
  <Table extends RefusalTable>(table: Table) =>
  (code: keyof Table & string, context: RefusalContext = {}): Refusal => {
    const { status, sentence } = table[code] as RefusalEntry
    return new Refusal(code, status, fill(sentence, context), context)
  }

const fill = (sentence: string, context: RefusalContext): string =>
  sentence.replace(/\{(\w+)\}/g, (placeholder, name: string) => (name in context ? String(context[name]) : placeholder))

/** The refusals that every service can give. */
export const commonRefusals = {
  malformed_json: { status: 400, sentence: 'The request body is not valid JSON' },
  idempotency_key_missing: { status: 400, sentence: 'An Idempotency-Key is required for this call' },
  idempotency_key_malformed: { status: 400, sentence: 'An idempotency key is 1 to 255 visible ASCII characters' },
  unauthenticated: { status: 401, sentence: 'Not authenticated' },
  invalid_token: { status: 401, sentence: 'Invalid token' },
  token_expired: { status: 401, sentence: 'Token expired, please login again' },
  user_gone: { status: 401, sentence: 'User not found' },
  invalid_api_key: { status: 401, sentence: 'Invalid API key' },
  signature_invalid: { status: 403, sentence: 'The signature of this address does not fit it' },
  signature_expired: { status: 403, sentence: 'This address has expired' },
  file_type_mismatch: { status: 403, sentence: 'This address takes {content_type} and nothing else' },
  file_length_mismatch: { status: 400, sentence: 'This address takes exactly {length} bytes' },
  forbidden: { status: 403, sentence: 'User does not have permission to perform this action' },
  route_not_found: { status: 404, sentence: 'No such route: {path}' },
  file_not_found: { status: 404, sentence: 'No such file: {key}' },
  dead_letter_not_found: { status: 404, sentence: 'No such dead letter: {dead_letter_id}' },
  job_not_found: { status: 404, sentence: 'No such job: {job_id}' },
  method_not_allowed: { status: 405, sentence: 'This route does not answer {method}' },
  dead_letter_settled: { status: 409, sentence: 'Somebody has decided about this dead letter already' },
  job_finished: { status: 409, sentence: 'The job has already {job_status}' },
  idempotency_in_progress: { status: 409, sentence: 'The first request with this key is still being worked on' },
  length_required: { status: 411, sentence: 'The length of the body must be told in advance' },
  version_conflict: { status: 412, sentence: 'It was changed in the meantime; read it again' },
  payload_too_large: { status: 413, sentence: 'The request body is larger than {limit} bytes' },
  unsupported_media_type: { status: 415, sentence: 'Send the body as application/json' },
  validation_failed: { status: 422, sentence: 'The request does not fit the schema of this route' },
  idempotency_key_reused: { status: 422, sentence: 'This idempotency key was used with another payload' },
  internal_error: { status: 500, sentence: 'Internal Server Error' },
  dependency_unavailable: { status: 503, sentence: '{dependency} is not available, try again shortly' },
  busy: { status: 503, sentence: 'Too much competes for the same records, try again shortly' },
} as const satisfies RefusalTable

export const refuse = refuser(commonRefusals)
