import type { Files } from '@countinghouse/shared/files/port'
import { Id, Timestamp } from '@countinghouse/shared/http/fields'
import { z } from 'zod'
import type { Announcement } from './commands.js'
import { CONTENT_TYPES, type LoanDocument } from './domain.js'

export const DocumentView = z.object({
  id: Id,
  loan_id: Id,
  filename: z.string(),
  content_type: z.enum(CONTENT_TYPES),
  size: z.number().meta({ description: 'In bytes' }),
  status: z.enum(['PENDING', 'STORED']).meta({ description: 'PENDING until the upload is complete' }),
  sha256: z.string().nullable(),
  added_by: z.string(),
  created_at: Timestamp,
  stored_at: Timestamp.nullable(),
  download_url: z.string().nullable().meta({ description: 'Whoever has it reads the document until it expires' }),
  download_expires_at: Timestamp.nullable(),
})

export const AnnouncedView = DocumentView.extend({
  upload_url: z.string().meta({ description: 'Takes the document by PUT, with these headers and no others' }),
  upload_headers: z.record(z.string(), z.string()),
  upload_expires_at: Timestamp,
})

const READ_WITHIN_MS = 5 * 60_000

type Signing = { files: Files; now: () => Date }

export const viewOf = async (
  { files, now }: Signing,
  document: LoanDocument,
): Promise<z.input<typeof DocumentView>> => {
  const { _id, loanId, filename, contentType, size, key, sha256, storedAt, addedBy, createdAt } = document
  const expiresAt = key === null ? null : new Date(now().getTime() + READ_WITHIN_MS)
  return {
    id: _id,
    loan_id: loanId,
    ...{ filename, size, sha256 },
    content_type: contentType,
    status: key === null ? 'PENDING' : 'STORED',
    added_by: addedBy,
    created_at: createdAt.toISOString(),
    stored_at: storedAt && storedAt.toISOString(),
    download_url: key && expiresAt && (await files.presignDownload({ key, filename, contentType, expiresAt })),
    download_expires_at: expiresAt && expiresAt.toISOString(),
  }
}

export const announcedViewOf = async (
  signing: Signing,
  { document, upload: { url, headers } }: Announcement,
): Promise<z.input<typeof AnnouncedView>> => ({
  ...(await viewOf(signing, document)),
  upload_url: url,
  upload_headers: headers,
  upload_expires_at: document.expiresAt.toISOString(),
})

const example = {
  id: '019aa3f2-0c1d-7e2f-8a3b-4c5d6e7f8091',
  loan_id: '019aa3f0-7c1e-7d4b-9b44-0d6a3e0f9a11',
  ...{ filename: 'payslip.pdf', content_type: 'application/pdf', size: 48213 },
  ...{ status: 'PENDING', sha256: null, added_by: 'user:019aa3ee-5d6c-7b1a-9c0d-1e2f3a4b5c6d' },
  ...{ created_at: '2026-11-21T09:30:00.000Z', stored_at: null, download_url: null, download_expires_at: null },
}

const signed = 'expires=1795253700000&type=application%2Fpdf'

export const announcedExample = {
  ...example,
  upload_url: `/api/v1/files/loan/uploads/${example.id}?${signed}&length=48213&signature=Zm9v`,
  upload_headers: { 'content-type': 'application/pdf', 'content-length': '48213' },
  upload_expires_at: '2026-11-21T09:45:00.000Z',
}

export const storedExample = {
  ...example,
  status: 'STORED',
  sha256: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
  stored_at: '2026-11-21T09:31:00.000Z',
  download_url: `/api/v1/files/loan/documents/${example.loan_id}/${example.id}?${signed}&filename=payslip.pdf&signature=YmFy`,
  download_expires_at: '2026-11-21T09:36:00.000Z',
}
