import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { refuse as refuseCommon } from '@countinghouse/shared/refusal'
import busboy from 'busboy'
import { refuse } from '../errors.js'

export type Upload = { content: Buffer; alt: string | null }

const ALT_MAX = 200

/** Reads the one file of a form, and what is said about it; gives up as soon as it is too large. */
export const readUpload = (
  incoming: Readable & { headers: IncomingHttpHeaders },
  bytesMax: number,
): Promise<Upload> => {
  if (!incoming.headers['content-type']?.startsWith('multipart/form-data')) throw refuseCommon('unsupported_media_type')
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let alt: string | null = null
    const form = openForm(incoming.headers, bytesMax)
    const fail = (error: Error) => {
      incoming.unpipe(form)
      incoming.resume()
      reject(error)
    }
    form
      .on('file', (_name, file) => {
        file.on('data', (part: Buffer) => parts.push(part))
        file.on('limit', () => {
          fail(refuseCommon('payload_too_large', { limit: bytesMax }))
        })
      })
      .on('field', (name, value) => {
        if (name === 'alt') alt = value.trim().slice(0, ALT_MAX) || null
      })
      .on('filesLimit', () => {
        fail(refuse('upload_malformed'))
      })
      .on('error', () => {
        fail(refuse('upload_malformed'))
      })
      .on('close', () => {
        if (parts.length === 0) reject(refuse('upload_malformed'))
        else resolve({ content: Buffer.concat(parts), alt })
      })
    incoming.on('aborted', () => {
      fail(refuse('upload_malformed'))
    })
    incoming.pipe(form)
  })
}

const openForm = (headers: IncomingHttpHeaders, bytesMax: number) => {
  try {
    const limits = { files: 1, fileSize: bytesMax, fields: 5, fieldSize: 2_000, parts: 6, headerPairs: 50 }
    return busboy({ headers, limits })
  } catch {
    throw refuse('upload_malformed')
  }
}
