import { join } from 'node:path'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createFileServer, createLocalFiles } from './local.js'
import type { Files } from './port.js'
import type { S3Settings } from './s3.js'
import { createFileStore } from './store.js'

export type FileSettings = Omit<S3Settings, 'S3_BUCKET'> & {
  readonly S3_BUCKET?: string | undefined
  readonly FILES_FOLDER: string
  readonly FILES_PUBLIC_URL: string
}

export type OpenFiles = {
  files: Files
  /** What the service itself answers for the addresses that it signed; none where a store answers them. */
  server?: { path: string; answer: (request: IncomingMessage, response: ServerResponse) => Promise<void> }
}

/** The files of one service: in its part of the bucket of the settings, else in its part of the folder. */
export const openFiles = async (settings: FileSettings, service: string, now: () => Date): Promise<OpenFiles> => {
  const { S3_BUCKET, FILES_FOLDER, FILES_PUBLIC_URL: publicUrl } = settings
  const name = service.replace('-service', '')
  if (S3_BUCKET !== undefined) {
    // Loaded at need: it is large, and most systems on a developer's machine keep files in a folder.
    const { createS3Files } = await import('./s3.js')
    return { files: createS3Files({ settings: { ...settings, S3_BUCKET }, prefix: name, now }) }
  }
  const store = createFileStore(join(FILES_FOLDER, name))
  const path = `/files/${name}`
  return {
    files: createLocalFiles({ store, path, publicUrl: publicUrl.replace(/\/$/, '') }),
    server: { path, answer: createFileServer({ store, now }) },
  }
}
