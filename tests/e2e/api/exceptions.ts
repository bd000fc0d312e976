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
  'POST /customers': ['user_id'],
  'PATCH /customers/{id}': ['user_id'],
  'POST /wallet/credit': ['user_id'],
  'POST /wallet/debit': ['user_id'],
  'POST /loan-products': ['id'],
  'POST /items': ['id'],
}

/** Routes that answer an id that nothing has, and why. */
export const answersUnknownIds: Record<string, string> = {
  'GET /users/{userId}/accounts': 'an unknown user has no accounts: an empty list',
}
