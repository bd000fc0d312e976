import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { API_BASE } from '../http/path.js'
import { refuse } from '../refusal.js'
import { attachmentOf, assertKey, type Files } from './port.js'
import { permitOf, toQuery, type Permit } from './signature.js'
import { WrongLength, type FileStore } from './store.js'

export type LocalOptions = {
  store: FileStore
  /** Of the addresses, below the API's base: `/files/loan`. */
  path: string
  /** Where the gateway is for callers; empty for addresses without an origin. */
  publicUrl: string
}

/** Files in a folder of this machine, under signed addresses that the gateway leads here. */
export const createLocalFiles = ({ store, path, publicUrl }: LocalOptions): Files => {
  const sign = async (permit: Permit): Promise<string> => {
    const query = toQuery(permit, await store.secret())
    return `${publicUrl}${API_BASE}${path}/${assertKey(permit.key)}?${query}`
  }
  return {
    ...store,
    presignUpload: async ({ key, contentType, length, expiresAt }) => ({
      url: await sign({ method: 'PUT', key, contentType, length, expiresAtMs: expiresAt.getTime() }),
      method: 'PUT',
      headers: { 'content-type': contentType, 'content-length': length.toString() },
    }),
    presignDownload: ({ key, contentType, filename, expiresAt }) =>
      sign({ method: 'GET', key, contentType, filename, expiresAtMs: expiresAt.getTime() }),
  }
}

export type FileServerOptions = { store: FileStore; now: () => Date }

/** Answers what `createLocalFiles` signed: the signature is the permission, and nothing beyond it is done. */
export const createFileServer =
  ({ store, now }: FileServerOptions) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://files')
    const key = pathname.slice(1)
    const permit = permitOf({ method: request.method ?? '', key, query }, await store.secret())
    if (!permit) throw refuse('signature_invalid')
    if (permit.expiresAtMs <= now().getTime()) throw refuse('signature_expired')
    if (permit.method === 'PUT') await receive(store, permit, request, response)
    else await send(store, permit, response)
  }

const receive = async (
  store: FileStore,
  { key, contentType, length = 0 }: Permit,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  if (request.headers['content-type'] !== contentType) throw refuse('file_type_mismatch', { content_type: contentType })
  const announced = request.headers['content-length']
  if (announced === undefined) throw refuse('length_required')
  if (Number(announced) > length) throw refuse('payload_too_large', { limit: length })
  if (Number(announced) !== length) throw refuse('file_length_mismatch', { length })
  try {
    await store.put({ key, contentType, length, body: request })
  } catch (error) {
    if (error instanceof WrongLength || request.errored) throw refuse('file_length_mismatch', { length })
    throw error
  }
  response.writeHead(200, { 'content-length': 0 }).end()
}

const send = async (
  store: FileStore,
  { key, contentType, filename = key }: Permit,
  response: ServerResponse,
): Promise<void> => {
  const facts = await store.head(key)
  const body = facts && (await store.get(key))
  if (!body) throw refuse('file_not_found', { key })
  response.writeHead(200, {
    'content-type': contentType,
    'content-length': facts.length,
    'content-disposition': attachmentOf(filename),
    'cache-control': 'private',
  })
  await pipeline(body, response).catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  })
}
