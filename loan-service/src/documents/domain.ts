import { refuse } from '../errors.js'

/** What a document may be. */
export const CONTENT_TYPES = ['application/pdf', 'image/jpeg', 'image/png', 'image/webp'] as const
export type ContentType = (typeof CONTENT_TYPES)[number]

/** A name and no path, without characters that show as something else or as nothing. */
export const FILENAME = /^(?!\.{1,2}$)[^/\\\p{C}]{1,200}$/u

/**
 * A file that belongs to a loan; the file itself lies with the store, under a key. It is uploaded under one key and kept
 * under another, so that whoever has the address of the upload cannot change what was handed in.
 */
export type LoanDocument = {
  _id: string
  loanId: string
  filename: string
  contentType: ContentType
  size: number
  uploadKey: string
  /** Until when it may be uploaded. */
  expiresAt: Date
  /** Null until it is complete. */
  key: string | null
  sha256: string | null
  storedAt: Date | null
  addedBy: string
  createdAt: Date
}

export type Announced = Pick<LoanDocument, 'loanId' | 'filename' | 'contentType' | 'size' | 'addedBy'>

const DOCUMENTS_MAX = 100
const UPLOAD_WITHIN_MS = 15 * 60_000

/** A document that is yet to be uploaded. */
export const announceDocument = (
  announced: Announced,
  { id, documents, at }: { id: string; documents: number; at: Date },
): LoanDocument => {
  if (documents >= DOCUMENTS_MAX) throw refuse('documents_limit', { loan_id: announced.loanId, limit: DOCUMENTS_MAX })
  return {
    _id: id,
    ...announced,
    uploadKey: `uploads/${id}`,
    expiresAt: new Date(at.getTime() + UPLOAD_WITHIN_MS),
    ...{ key: null, sha256: null, storedAt: null },
    createdAt: at,
  }
}

/** Refuses a document whose file is not there, or is not what was announced. */
export const assertUploaded: (
  document: LoanDocument,
  file: { contentType: string; length: number } | undefined,
) => asserts file = ({ _id, contentType, size }, file) => {
  if (!file) throw refuse('document_not_uploaded', { document_id: _id })
  if (file.contentType === contentType && file.length === size) return
  throw refuse('document_mismatch', { document_id: _id, content_type: file.contentType, size: file.length })
}
