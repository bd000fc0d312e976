import { Page, rangeOf } from '@countinghouse/shared/http/page'
import { defineCollection } from '@countinghouse/shared/mongo/collection'
import type { Reads, Tx } from '@countinghouse/shared/mongo/transaction'
import { CONTENT_TYPES, type LoanDocument } from './domain.js'

export const loanDocuments = defineCollection<LoanDocument>(
  'loan_documents',
  {
    loanId: { type: String, required: true },
    filename: { type: String, required: true },
    contentType: { type: String, enum: CONTENT_TYPES, required: true },
    size: { type: Number, required: true },
    uploadKey: { type: String, required: true },
    expiresAt: { type: Date, required: true },
    key: String,
    sha256: String,
    storedAt: Date,
    addedBy: { type: String, required: true },
    createdAt: { type: Date, required: true },
  },
  {
    indexes: [
      { fields: { loanId: 1, _id: -1 } },
      { fields: { expiresAt: 1 }, options: { partialFilterExpression: { storedAt: null } } },
    ],
  },
)

/** The document of this loan alone. */
export const findDocument = (reads: Reads, loanId: string, id: string) =>
  reads.findOne(loanDocuments, { _id: id, loanId })

export const countDocuments = (reads: Reads, loanId: string): Promise<number> => reads.count(loanDocuments, { loanId })

export const listDocuments = async (
  reads: Reads,
  loanId: string,
  at: { page: number; page_size: number },
): Promise<Page<LoanDocument>> => {
  const found = await reads.find(loanDocuments, { loanId }, { sort: { _id: -1 }, ...rangeOf(at) })
  return new Page(found, await countDocuments(reads, loanId), at)
}

/** Documents that nobody completed and that can not be uploaded any more. */
export const findAbandoned = (reads: Reads, before: Date, limit: number): Promise<LoanDocument[]> =>
  reads.find(loanDocuments, { storedAt: null, expiresAt: { $lt: before } }, { sort: { expiresAt: 1 }, limit })

export const insertDocument = (tx: Tx, document: LoanDocument): Promise<void> => tx.insert(loanDocuments, document)
export const saveDocument = (tx: Tx, document: LoanDocument): Promise<void> => tx.replace(loanDocuments, document)
export const removeAbandoned = (tx: Tx, id: string): Promise<number> =>
  tx.remove(loanDocuments, { _id: id, storedAt: null })
