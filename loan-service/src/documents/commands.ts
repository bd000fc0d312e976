import { createHash, type Hash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Files, SignedUpload } from '@countinghouse/shared/files/port'
import { addToOutbox } from '@countinghouse/shared/messaging/outbox'
import type { Nightly } from '@countinghouse/shared/mongo/nightly'
import { inTransaction, readsOn, type Reads, type Tx } from '@countinghouse/shared/mongo/transaction'
import { uuidv7 } from '@countinghouse/shared/uuid'
import { refuse } from '../errors.js'
import type { Deps as LoanDeps } from '../loans/deps.js'
import type { Loan } from '../loans/domain/loan.js'
import { announceDocument, assertUploaded, type Announced, type LoanDocument } from './domain.js'
import { toDocumentStored } from './events.js'
import { countDocuments, findAbandoned, findDocument, insertDocument, removeAbandoned, saveDocument } from './store.js'

export type Deps = LoanDeps & { files: Files; documentMaxBytes: number }

export type Announcement = { document: LoanDocument; upload: SignedUpload }

/** Makes room for a document; its file is then uploaded to the address in the answer, and to no other. */
export const addDocument = async (tx: Tx, { files, now }: Deps, announced: Announced): Promise<Announcement> => {
  const documents = await countDocuments(tx, announced.loanId)
  const document = announceDocument(announced, { id: uuidv7(), documents, at: now() })
  await insertDocument(tx, document)
  const { uploadKey: key, contentType, size: length, expiresAt } = document
  return { document, upload: await files.presignUpload({ key, contentType, length, expiresAt }) }
}

export const getDocument = async (reads: Reads, loanId: string, id: string): Promise<LoanDocument> => {
  const document = await findDocument(reads, loanId, id)
  if (!document) throw refuse('document_not_found', { document_id: id })
  return document
}

/** Takes an uploaded document in; a repeat changes nothing, and of several at once one does it. */
export const completeDocument = async (deps: Deps, loan: Loan, id: string): Promise<LoanDocument> => {
  const { db, files, now } = deps
  const document = await getDocument(readsOn(db), loan._id, id)
  if (document.storedAt) return document
  const kept = await keepFile(files, document)
  const stored = await inTransaction(db, async (tx) => {
    const current = await getDocument(tx, loan._id, id)
    if (current.storedAt) return current
    const taken = { ...current, ...kept, storedAt: now() }
    await saveDocument(tx, taken)
    await addToOutbox(tx, toDocumentStored(loan, taken, taken.storedAt))
    return taken
  }).catch(async (error: unknown) => {
    await files.remove(kept.key)
    throw error
  })
  await files.remove(stored.key === kept.key ? document.uploadKey : kept.key)
  return stored
}

/** Checks the uploaded file and copies it to where its uploader cannot reach it. */
const keepFile = async (files: Files, document: LoanDocument): Promise<{ key: string; sha256: string }> => {
  const { uploadKey, loanId, _id, contentType, size: length } = document
  assertUploaded(document, await files.head(uploadKey))
  const body = await files.get(uploadKey)
  if (!body) throw refuse('document_not_uploaded', { document_id: _id })
  const [hash, key] = [createHash('sha256'), `documents/${loanId}/${_id}-${uuidv7()}`]
  await files.put({ key, contentType, length, body: Readable.from(hashed(body, hash)) })
  return { key, sha256: hash.digest('hex') }
}

const hashed = async function* (body: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    hash.update(chunk)
    yield chunk
  }
}

type Nights = Pick<Nightly, 'db' | 'log' | 'now' | 'calendar'> & { settings: { LOAN_NIGHTLY_AT: string } }

/** What is cleared away each night. */
export const nightOfDocuments = (deps: Deps & Nights): Nightly => {
  const { db, log, now, calendar, settings } = deps
  return {
    ...{ db, log, now, calendar, work: 'loan-documents', at: settings.LOAN_NIGHTLY_AT, missed: 'last' },
    run: (_day, signal) => clearAbandoned(deps, signal),
  }
}

const KEPT_FOR_MS = 24 * 3600_000
const ABANDONED_MAX = 1_000

/** Forgets documents that nobody completed, and what was uploaded of them. */
export const clearAbandoned = async ({ db, files, now }: Deps, signal: AbortSignal): Promise<void> => {
  const before = new Date(now().getTime() - KEPT_FOR_MS)
  for (const { _id, uploadKey } of await findAbandoned(readsOn(db), before, ABANDONED_MAX)) {
    if (signal.aborted) return
    await files.remove(uploadKey)
    await inTransaction(db, (tx) => removeAbandoned(tx, _id))
  }
}
