import { refuser, type RefusalTable } from '@countinghouse/shared/refusal'

/** Every refusal of auth-service. */
export const refusals = {
  invalid_credentials: { status: 401, sentence: 'Invalid credentials' },
  invalid_client: { status: 401, sentence: 'Invalid client credentials' },
  mailed_token_invalid: { status: 422, sentence: 'This link is not valid any more; ask for a new one' },
  wrong_password: { status: 422, sentence: 'The current password is wrong' },
  session_not_found: { status: 404, sentence: 'Session not found: {session_id}' },
  api_key_unknown: { status: 404, sentence: 'This is no API key that is good' },
  api_key_not_found: { status: 404, sentence: 'API key not found: {api_key_id}' },
  user_not_found: { status: 404, sentence: 'User not found: {user_id}' },
  email_taken: { status: 409, sentence: 'A user with this e-mail address exists: {email}' },
  username_taken: { status: 409, sentence: 'A user with this name exists: {username}' },
  already_verified: { status: 409, sentence: 'This e-mail address is verified: {email}' },
  key_too_new: { status: 409, sentence: 'The next key is too new to be known everywhere; try again in {seconds} s' },
  signing_key_not_found: { status: 404, sentence: 'There is no signing key {key_id}' },
  last_admin: { status: 409, sentence: 'This is the last active admin; make another one first' },
  too_many_attempts: { status: 429, sentence: 'Too many failed attempts; try again in {retry_after} seconds' },
  too_many_logins: { status: 503, sentence: 'Too many log in at this moment, try again shortly' },
} as const satisfies RefusalTable

export const refuse = refuser(refusals)
