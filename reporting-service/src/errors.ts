import { refuser, type RefusalTable } from '@countinghouse/shared/refusal'

/** Every refusal of reporting-service, beside those that all services share. */
export const refusals = {
  report_not_found: { status: 404, sentence: 'No such report: {report}' },
  audit_entry_not_found: { status: 404, sentence: 'The audit log has no entry {id}' },
  report_too_long: {
    status: 422,
    sentence: 'A PDF has room for {rows_max} rows; ask for CSV or XLSX, or a shorter period',
  },
} as const satisfies RefusalTable

export const refuse = refuser(refusals)
