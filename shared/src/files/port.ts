import type { Readable } from 'node:stream'

export type FileFacts = { contentType: string; length: number }

export type SignedUpload = { url: string; method: 'PUT'; headers: Record<string, string> }

/** Where files are kept: the database holds their keys and nothing else of them. */
export interface Files {
  /** Lets whoever has the address store exactly one file of this type and length there, until it expires. */
  presignUpload(upload: FileFacts & { key: string; expiresAt: Date }): Promise<SignedUpload>
  /** An address under which whoever has it reads the file, by this name and as this type, until it expires. */
  presignDownload(download: { key: string; filename: string; contentType: string; expiresAt: Date }): Promise<string>
  /** Undefined when there is no such file. */
  head(key: string): Promise<FileFacts | undefined>
  put(file: FileFacts & { key: string; body: Readable | Buffer }): Promise<void>
  /** Undefined when there is no such file. */
  get(key: string): Promise<Readable | undefined>
  remove(key: string): Promise<void>
}

const KEY = /^(?=.{1,512}$)[A-Za-z0-9][\w.-]*(\/[A-Za-z0-9][\w.-]*)*$/

/** Keys are plain names with slashes between, so that none leads out of its folder or needs encoding in an address. */
export const assertKey = (key: string): string => {
  if (!KEY.test(key)) throw new Error(`Not a key of a file: ${key}`)
  return key
}

/** The header that makes a browser keep a file under a name, whatever characters that has (RFC 6266). */
export const attachmentOf = (filename: string): string => {
  const plain = filename.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const encoded = encodeURIComponent(filename.replace(/\p{Surrogate}/gu, '_')).replace(/['()*]/g, hexOf)
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}

const hexOf = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
