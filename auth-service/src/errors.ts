import { refuser, type RefusalTable } from '@countinghouse/shared/refusal'

/** Every refusal of auth-service. */
export const refusals = {
  invalid_credentials: { status: 401, sentence: 'Invalid credentials' },
  user_gone: { status: 401, sentence: 'User not found' },
  user_not_found: { status: 404, sentence: 'User not found: {user_id}' },
  email_taken: { status: 409, sentence: 'A user with this e-mail address exists: {email}' },
  username_taken: { status: 409, sentence: 'A user with this name exists: {username}' },
} as const satisfies RefusalTable

export const refuse = refuser(refusals)
