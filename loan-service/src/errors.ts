import { refuser, type Refusal, type RefusalContext, type RefusalTable } from '@countinghouse/shared/refusal'

/** Every refusal of loan-service. */
export const refusals = {
  own_loan: { status: 403, sentence: 'Nobody decides on a loan where they are the borrower' },
  admin_decides: { status: 403, sentence: 'An application that its borrower made is decided by an admin' },
  entered_by_decider: { status: 403, sentence: 'A loan of this amount is not decided by the one who entered it' },
  customer_not_found: { status: 404, sentence: 'Customer not found: {customer_id}' },
  product_not_found: { status: 404, sentence: 'Loan product not found: {product_id}' },
  loan_not_found: { status: 404, sentence: 'Loan not found: {loan_id}' },
  repayment_not_found: { status: 404, sentence: 'Repayment not found: {repayment_id}' },
  movement_not_found: { status: 404, sentence: 'Movement not found: {movement_id}' },
  event_not_found: { status: 404, sentence: 'The loan has no such event: {event_id}' },
  wallet_not_found: { status: 404, sentence: 'Wallet not found' },
  document_not_found: { status: 404, sentence: 'No such document of this loan: {document_id}' },
  customer_exists: { status: 409, sentence: 'A customer with this e-mail address exists: {email}' },
  customer_has_loans: { status: 409, sentence: 'The customer has {loans} loans and can not be deleted' },
  customer_has_open_loans: { status: 409, sentence: 'The user answers for {open} open loans and can not be removed' },
  product_exists: { status: 409, sentence: 'A loan product with this id exists or existed: {product_id}' },
  product_needed: {
    status: 409,
    sentence: 'Loans for which nobody names a product are made on this one: {product_id}',
  },
  user_has_customer: { status: 409, sentence: 'This user has a customer record already: {user_id}' },
  customer_link_required: {
    status: 409,
    sentence: 'A customer with your e-mail address exists; it must be linked to your login before you can apply',
  },
  customer_not_linked: { status: 409, sentence: 'The customer has no user, so there is no wallet to pay into' },
  open_loans_limit: { status: 409, sentence: 'You have {open} open loans, and may have {limit}' },
  illegal_transition: { status: 409, sentence: 'A loan that is {loan_status} does not take this step: {step}' },
  loan_changed: { status: 409, sentence: 'The loan was changed in the meantime: {loan_id}' },
  not_paid_out: { status: 409, sentence: 'The loan is {loan_status}; nothing of it has been paid out' },
  already_approved: { status: 409, sentence: 'You have approved this loan already; somebody else must, too' },
  disbursement_pending: { status: 409, sentence: 'The money may be on its way, so the loan can not be taken back now' },
  disbursement_not_failed: {
    status: 409,
    sentence: 'Only a failed disbursement is tried again; this one is {disbursement}',
  },
  insufficient_funds: { status: 409, sentence: 'The wallet holds too little for this' },
  wallet_frozen: { status: 409, sentence: 'The wallet is frozen' },
  wallet_closed: { status: 409, sentence: 'The wallet is closed' },
  balance_limit: { status: 409, sentence: 'The wallet may not hold more than {limit}' },
  repayment_not_completed: {
    status: 409,
    sentence: 'Only a completed repayment is taken back; this one is {repayment_status}',
  },
  already_reversed: { status: 409, sentence: 'This was taken back already, or is about to be' },
  not_reversible: { status: 409, sentence: 'Only charges and waivers are taken back here; this one is {kind}' },
  money_under_way: { status: 409, sentence: 'Money is on its way to or from this loan; try again when it has arrived' },
  recovered_since: { status: 409, sentence: 'Something was recovered since, so the write-off stands' },
  movement_not_stuck: { status: 409, sentence: 'Only a stuck movement is tried again; this one is {movement_status}' },
  disbursement_mismatch: { status: 409, sentence: 'This credit is not the disbursement of loan {loan_id}' },
  document_not_uploaded: { status: 409, sentence: 'The document has not been uploaded: {document_id}' },
  documents_limit: { status: 409, sentence: 'A loan has {limit} documents at most' },
  amount_above_limit: { status: 422, sentence: 'You may apply for {limit} at most' },
  term_above_limit: { status: 422, sentence: 'You may apply for {limit} months at most' },
  amount_outside_product: { status: 422, sentence: 'This product lends from {least} to {most}' },
  term_outside_product: { status: 422, sentence: 'This product lends for {least} to {most} months' },
  term_not_in_quarters: {
    status: 422,
    sentence: 'This product is repaid every three months; the term must be so many',
  },
  rate_outside_product: { status: 422, sentence: 'The rate of this product lies from {least} to {most}' },
  range_reversed: { status: 422, sentence: 'The upper end of a range is not below its lower end: {field}' },
  first_due_too_early: { status: 422, sentence: 'The first new instalment falls due after today, {today}' },
  day_is_past: { status: 422, sentence: 'A figure can be given from today, {today}, on; {on} is past' },
  document_mismatch: {
    status: 422,
    sentence: 'What was uploaded is {content_type} of {size} bytes, which is not what was announced',
  },
  income_required: { status: 422, sentence: 'A loan above {limit} needs {field} to be stated' },
  terms_not_amortizing: {
    status: 422,
    sentence: '{amount} can not be repaid in {instalments} instalments on these terms; each must repay something',
  },
  repayment_above_outstanding: { status: 422, sentence: '{outstanding} pays the loan off; {amount} is more than that' },
  waiver_above_owed: { status: 422, sentence: 'Only {owed} of {part} is owed, so {amount} can not be waived' },
  recovery_above_written_off: { status: 422, sentence: 'Only {left} of what was written off is still missing' },
  refund_above_credit: { status: 422, sentence: 'The credit balance is {credit}; {amount} is more than that' },
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
