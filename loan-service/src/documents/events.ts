import { loanDocumentStored } from '@countinghouse/shared/contracts/loan'
import { newEvent, type Envelope } from '@countinghouse/shared/messaging/event'
import type { Loan } from '../loans/domain/loan.js'
import type { LoanDocument } from './domain.js'

export const toDocumentStored = (loan: Loan, document: LoanDocument, storedAt: Date): Envelope =>
  newEvent(loanDocumentStored, loan._id, {
    loan_id: loan._id,
    customer_id: loan.customerId,
    document_id: document._id,
    filename: document.filename,
    content_type: document.contentType,
    size: document.size,
    sha256: document.sha256 ?? '',
    stored_at: storedAt.toISOString(),
  })
