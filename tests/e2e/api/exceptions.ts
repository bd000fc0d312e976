/** Fields that a client never sets, on any route that does not say so here. */
export const NEVER_SET = [
  'role',
  'risk_score',
  'status',
  'is_admin',
  'version',
  'id',
  'user_id',
  'created_at',
  'balance',
]

/** Routes on which a client does set such a field, by name. */
export const mayBeSet: Record<string, string[]> = {
  'POST /auth/register': ['role'],
  'POST /users': ['role'],
  'PATCH /users/{id}': ['role', 'status'],
  'PATCH /loans/{id}': ['status'],
  'PATCH /remittances/{id}': ['status'],
  'PATCH /webhook-endpoints/{id}': ['status'],
  'POST /users/{userId}/accounts': ['balance'],
  'PATCH /users/{userId}/accounts/{accountId}': ['balance'],
  'POST /customers': ['user_id'],
  'PATCH /customers/{id}': ['user_id'],
  'POST /wallet/credit': ['user_id'],
  'POST /wallet/debit': ['user_id'],
  'POST /payments/intents': ['user_id'],
  'POST /loan-products': ['id'],
  'POST /items': ['id'],
  'POST /trade-customers': ['id'],
  'POST /suppliers': ['id'],
  'POST /purchases/{bill_number}/payments': ['status'],
  'PATCH /sales/{bill_number}': ['status'],
  'POST /warehouses': ['id'],
  'PATCH /orders/{number}/status': ['status'],
  'PATCH /orders/{number}/returns/{returnId}': ['status'],
  'PATCH /reviews/{id}': ['status'],
}

/** Routes that answer an id that nothing has, and why. */
export const answersUnknownIds: Record<string, string> = {
  'GET /users/{userId}/accounts': 'an unknown user has no accounts: an empty list',
  'POST /users/{userId}/accounts': 'whoever has accounts here need not be known here',
  'GET /users/{userId}/accounts/net-worth': 'an unknown user owns and owes nothing',
  'GET /users/{userId}/accounts/links': 'an unknown user is connected to nothing: an empty list',
  'POST /users/{userId}/accounts/links': 'whoever has accounts here need not be known here',
  'POST /users/{userId}/accounts/sync': 'an unknown user has nothing to sync: a job without work',
}

/** Routes that take a body as it was signed, whatever is in it: a wrong signature is refused, never a field. */
export const takesWhatWasSigned: Record<string, string> = {
  'POST /webhooks/stripe': 'the provider signs its own form, which may grow',
}
