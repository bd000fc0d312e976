import { createHmac, timingSafeEqual } from 'node:crypto'

/** What the address of a file lets one do: the signature covers all of it. */
export type Permit = {
  method: 'PUT' | 'GET'
  key: string
  expiresAtMs: number
  contentType: string
  /** Of an upload, in bytes. */
  length?: number
  /** Of a download. */
  filename?: string
}

/** The permit as the query of an address. */
export const toQuery = (permit: Permit, secret: Buffer): string => {
  const { expiresAtMs, contentType, length, filename } = permit
  return new URLSearchParams({
    expires: expiresAtMs.toString(),
    type: contentType,
    ...(length !== undefined && { length: length.toString() }),
    ...(filename !== undefined && { filename }),
    signature: signatureOf(permit, secret).toString('base64url'),
  }).toString()
}

/** The permit that an address carries; undefined when it was not signed here just so. */
export const permitOf = (
  { method, key, query }: { method: string; key: string; query: URLSearchParams },
  secret: Buffer,
): Permit | undefined => {
  if (method !== 'PUT' && method !== 'GET') return undefined
  const [length, filename] = [query.get('length'), query.get('filename')]
  const permit: Permit = {
    method,
    key,
    expiresAtMs: Number(query.get('expires')),
    contentType: query.get('type') ?? '',
    ...(length !== null && { length: Number(length) }),
    ...(filename !== null && { filename }),
  }
  const given = Buffer.from(query.get('signature') ?? '', 'base64url')
  const right = signatureOf(permit, secret)
  return given.length === right.length && timingSafeEqual(given, right) ? permit : undefined
}

const signatureOf = ({ method, key, expiresAtMs, contentType, length, filename }: Permit, secret: Buffer): Buffer =>
  createHmac('sha256', secret)
    .update(JSON.stringify([method, key, expiresAtMs, contentType, length ?? null, filename ?? null]))
    .digest()
