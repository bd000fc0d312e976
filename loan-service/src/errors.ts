import { refuser, type Refusal, type RefusalContext, type RefusalTable } from '@countinghouse/shared/refusal'

/** Every refusal of loan-service. */
export const refusals = {
  own_loan: { status: 403, sentence: 'Nobody decides on a loan where they are the borrower' },
  admin_decides: { status: 403, sentence: 'An application that its borrower made is decided by an admin' },
  customer_not_found: { status: 404, sentence: 'Customer not found: {customer_id}' },
  loan_not_found: { status: 404, sentence: 'Loan not found: {loan_id}' },
  customer_exists: { status: 409, sentence: 'A customer with this e-mail address exists: {email}' },
  user_has_customer: { status: 409, sentence: 'This user has a customer record already: {user_id}' },
  customer_link_required: {
    status: 409,
    sentence: 'A customer with your e-mail address exists; it must be linked to your login before you can apply',
  },
  customer_not_linked: { status: 409, sentence: 'The customer has no user, so there is no wallet to pay into' },
  open_loans_limit: { status: 409, sentence: 'You have {open} open loans, and may have {limit}' },
  illegal_transition: { status: 409, sentence: 'A loan that is {loan_status} does not take this step: {step}' },
  loan_changed: { status: 409, sentence: 'The loan was changed in the meantime: {loan_id}' },
  disbursement_not_failed: {
    status: 409,
    sentence: 'Only a failed disbursement is tried again; this one is {disbursement}',
  },
  disbursement_mismatch: { status: 409, sentence: 'This credit is not the disbursement of loan {loan_id}' },
  amount_above_limit: { status: 422, sentence: 'You may apply for {limit} at most' },
  term_above_limit: { status: 422, sentence: 'You may apply for {limit} months at most' },
  income_required: { status: 422, sentence: 'A loan above {limit} needs {field} to be stated' },
  risk_too_high: { status: 422, sentence: 'Loan too risky to approve (risk score {risk_score}, limit {limit})' },
} as const satisfies RefusalTable

export const refuse = refuser(refusals)

/** The refusal of one field of a request by a rule of the business, listed like a breach of the schema. */
export const refuseField = (code: keyof typeof refusals, field: string, context: RefusalContext): Refusal => {
  const { message } = refuse(code, { field, ...context })
  return refuse(code, {
    field,
    ...context,
    errors: [{ loc: ['body', field], msg: message, type: `value_error.${code}` }],
  })
}
