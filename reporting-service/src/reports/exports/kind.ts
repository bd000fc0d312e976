import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Row } from '@countinghouse/shared/documents/table'
import type { Files } from '@countinghouse/shared/files/port'
import type { JobKind, JobRun } from '@countinghouse/shared/jobs/worker'
import { inTransaction } from '@countinghouse/shared/mongo/transaction'
import { refuse } from '../../errors.js'
import { chartOf, maskedFor } from '../asking.js'
import type { Report } from '../definition.js'
import { getReport, type MakingDeps, type Question } from '../making.js'
import { TYPES, fileNameOf, printReport, type Format, type Print } from '../printing.js'

export const EXPORT_KIND = 'reporting.export'

export type ExportOrder = { report: string; format: Format; question: Question }
export type KindDeps = MakingDeps & { files: Files }

const READABLE_FOR_MS = 7 * 24 * 3600 * 1000
const TELL_EVERY = 1000

/** Writes a report into a file, row after row, and answers where it can be read for a week. */
export const exportKind = (deps: KindDeps, reports: readonly Report[]): JobKind => ({
  name: EXPORT_KIND,
  run: async (job) => {
    const order = job.input as ExportOrder
    const report = reports.find(({ name }) => name === order.report)
    if (!report) throw refuse('report_not_found', { report: order.report })
    const made = maskedFor(await getReport(deps, report, order.question), report, order.question)
    const rows = told(deps, job, made.rows)
    const currency = order.question.params['currency'] ?? deps.currency
    const chart = order.format === 'pdf' ? await chartOf(deps, report, { made, question: order.question }) : undefined
    const print: Print = { report, made, rows, question: order.question, currency, chart }
    const key = `exports/${job._id}.${order.format}`
    const size = await store(deps, { key, print, format: order.format })
    const filename = fileNameOf(print, order.format).replaceAll('/', '-')
    const expiresAt = new Date(deps.now().getTime() + READABLE_FOR_MS)
    const url = await deps.files.presignDownload({ key, filename, contentType: TYPES[order.format], expiresAt })
    return { url, filename, size, rows: made.rows.length, expires_at: expiresAt.toISOString() }
  },
})

/** Tells how far it is; a cancelled job ends here. */
async function* told({ db }: KindDeps, job: JobRun, rows: readonly Row[]): AsyncGenerator<Row> {
  for (const [index, row] of rows.entries()) {
    if (index % TELL_EVERY === 0) await inTransaction(db, (tx) => job.progress(tx, { done: index, total: rows.length }))
    yield row
  }
  await inTransaction(db, (tx) => job.progress(tx, { done: rows.length, total: rows.length }))
}

// Its length must be known before it is handed over, so it is written down first.
const store = async (
  { files }: KindDeps,
  { key, print, format }: { key: string; print: Print; format: Format },
): Promise<number> => {
  const folder = await mkdtemp(join(tmpdir(), 'export-'))
  const path = join(folder, 'file')
  try {
    await pipeline(Readable.from(printReport(print, format)), createWriteStream(path))
    const { size } = await stat(path)
    await files.put({ key, body: createReadStream(path), contentType: TYPES[format], length: size })
    return size
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
