import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export type ObjectStore = {
  readonly endpoint: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  close(): Promise<void>
}

const credentials = { accessKeyId: 'countinghouse', secretAccessKey: 'countinghouse-secret' }

/** A store that speaks S3 as far as files need it, and refuses whatever does not carry the right signature. */
export const openObjectStore = async (): Promise<ObjectStore> => {
  const objects = new Map<string, { type: string; body: Buffer }>()
  const server = createServer((request, response) => {
    answer(objects, request, response).catch(() => response.writeHead(500).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    ...credentials,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port.toString()}`,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => void server.close(() => resolve()))
    },
  }
}

const answer = async (
  objects: Map<string, { type: string; body: Buffer }>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const url = new URL(request.url ?? '/', 'http://store')
  const body = await buffer(request)
  if (!isSigned(request, url)) return void response.writeHead(403).end()
  const { method = '', headers } = request
  const found = objects.get(url.pathname)
  if (method === 'PUT') objects.set(url.pathname, { type: headers['content-type'] ?? '', body })
  if (method === 'DELETE') objects.delete(url.pathname)
  if (method === 'PUT' || method === 'DELETE') return void response.writeHead(method === 'PUT' ? 200 : 204).end()
  if (!found) return void response.writeHead(404).end()
  const disposition = url.searchParams.get('response-content-disposition')
  response.writeHead(200, {
    'content-type': url.searchParams.get('response-content-type') ?? found.type,
    'content-length': found.body.length,
    ...(disposition !== null && { 'content-disposition': disposition }),
  })
  response.end(method === 'HEAD' ? undefined : found.body)
}

type Signed = { scope: string[]; names: string; at: string; signature: string; payload: string }

const isSigned = (request: IncomingMessage, url: URL): boolean => {
  const signed = url.searchParams.has('X-Amz-Signature') ? inAddress(url) : inHeaders(request)
  if (!signed) return false
  const { scope, names, at, signature, payload } = signed
  const query = [...url.searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${escape(name)}=${escape(value)}`)
    .sort()
  const headers = names.split(';').map((name) => `${name}:${String(request.headers[name] ?? '').trim()}\n`)
  const canonical = [request.method, url.pathname, query.join('&'), headers.join(''), names, payload].join('\n')
  const text = ['AWS4-HMAC-SHA256', at, scope.slice(1).join('/'), sha256(canonical)].join('\n')
  const key = scope.slice(1).reduce<string | Buffer>(hmac, `AWS4${credentials.secretAccessKey}`)
  return hmac(key, text).toString('hex') === signature
}

/** A signature in the query of an address; none once its time is over. */
const inAddress = ({ searchParams }: URL): Signed | undefined => {
  const get = (name: string) => searchParams.get(`X-Amz-${name}`) ?? ''
  const at = get('Date')
  const signedAt = Date.parse(at.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z'))
  if (Date.now() > signedAt + Number(get('Expires')) * 1000) return undefined
  const [scope, names] = [get('Credential').split('/'), get('SignedHeaders')]
  return { scope, names, at, signature: get('Signature'), payload: 'UNSIGNED-PAYLOAD' }
}

const inHeaders = ({ headers }: IncomingMessage): Signed | undefined => {
  const [, credential = '', names = '', signature = ''] =
    /Credential=([^,]+), SignedHeaders=([^,]+), Signature=(\w+)/.exec(headers.authorization ?? '') ?? []
  const [at, payload] = [headers['x-amz-date'] as string, headers['x-amz-content-sha256'] as string]
  return signature === '' ? undefined : { scope: credential.split('/'), names, at, signature, payload }
}

const escape = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
