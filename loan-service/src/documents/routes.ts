import { actorOf } from '@countinghouse/shared/http/caller'
import { endpoint } from '@countinghouse/shared/http/endpoint'
import { Id, pageQuery } from '@countinghouse/shared/http/fields'
import { Page } from '@countinghouse/shared/http/page'
import { readsOn } from '@countinghouse/shared/mongo/transaction'
import { z } from 'zod'
import { getVisibleLoan } from '../loans/access.js'
import { addDocument, completeDocument, getDocument, type Deps } from './commands.js'
import { CONTENT_TYPES, FILENAME } from './domain.js'
import { listDocuments } from './store.js'
import { AnnouncedView, announcedExample, announcedViewOf, DocumentView, storedExample, viewOf } from './view.js'

const params = z.object({ id: Id })
const documentParams = params.extend({ documentId: Id })
// No viewers: they see persons masked, and no file is.
const access = ['customer', 'vendor', 'staff', 'admin'] as const
const tag = 'Loan documents'

const bodyOf = (maxBytes: number) =>
  z.strictObject({
    filename: z.string().regex(FILENAME, 'must be a plain name of a file'),
    content_type: z.enum(CONTENT_TYPES),
    size: z.number().int().min(1).max(maxBytes),
  })

export const documentEndpoints = (deps: Deps) => {
  const reads = readsOn(deps.db)
  return [
    endpoint({
      method: 'post',
      path: '/loans/:id/documents',
      summary: 'Announce a document of a loan, and learn where to upload it',
      tag,
      access,
      status: 201,
      idempotent: true,
      params,
      body: bodyOf(deps.documentMaxBytes),
      view: AnnouncedView,
      refusals: ['loan_not_found', 'documents_limit'],
      example: {
        body: { filename: 'payslip.pdf', content_type: 'application/pdf', size: 48213 },
        view: announcedExample,
      },
      handle: ({ params: { id: loanId }, body, user, caller, once }) =>
        once(async (tx) => {
          await getVisibleLoan(tx, deps, loanId, user)
          const { filename, content_type: contentType, size } = body
          const announced = { loanId, filename, contentType, size, addedBy: actorOf(caller) }
          return announcedViewOf(deps, await addDocument(tx, deps, announced))
        }),
    }),
    endpoint({
      method: 'post',
      path: '/loans/:id/documents/:documentId/complete',
      summary: 'Hand in a document that is uploaded; a repeat changes nothing',
      tag,
      access,
      params: documentParams,
      view: DocumentView,
      refusals: ['loan_not_found', 'document_not_found', 'document_not_uploaded', 'document_mismatch'],
      example: { view: storedExample },
      handle: async ({ params: { id, documentId }, user }) => {
        const loan = await getVisibleLoan(reads, deps, id, user)
        return viewOf(deps, await completeDocument(deps, loan, documentId))
      },
    }),
    ...readingEndpoints(deps),
  ]
}

const readingEndpoints = (deps: Deps) => {
  const reads = readsOn(deps.db)
  return [
    endpoint({
      method: 'get',
      path: '/loans/:id/documents',
      reads: { data: 'personal', of: 'loan' },
      summary: 'List the documents of a loan, newest first, each with an address to read it by',
      tag,
      access,
      params,
      query: z.object(pageQuery),
      view: DocumentView,
      list: true,
      refusals: ['loan_not_found'],
      example: { view: [storedExample] },
      handle: async ({ params: { id }, query, user }) => {
        await getVisibleLoan(reads, deps, id, user)
        const { items, total } = await listDocuments(reads, id, query)
        return new Page(await Promise.all(items.map((document) => viewOf(deps, document))), total, query)
      },
    }),
    endpoint({
      method: 'get',
      path: '/loans/:id/documents/:documentId',
      reads: { data: 'personal', of: 'loan' },
      summary: 'Read about a document of a loan, with an address to read it by',
      tag,
      access,
      params: documentParams,
      view: DocumentView,
      refusals: ['loan_not_found', 'document_not_found'],
      example: { view: storedExample },
      handle: async ({ params: { id, documentId }, user }) => {
        await getVisibleLoan(reads, deps, id, user)
        return viewOf(deps, await getDocument(reads, id, documentId))
      },
    }),
  ]
}
