import type { Readable } from 'node:stream'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { assertKey, attachmentOf, type Files } from './port.js'

export type S3Settings = {
  readonly S3_BUCKET: string
  readonly S3_REGION: string
  readonly S3_ENDPOINT?: string | undefined
  readonly S3_ACCESS_KEY_ID?: string | undefined
  readonly S3_SECRET_ACCESS_KEY?: string | undefined
}

export type S3Options = {
  settings: S3Settings
  /** Of all keys in the bucket: a service's own part of it. */
  prefix: string
  now: () => Date
}

// Without these among the signed headers the store would take any type and any length.
const BINDING = new Set(['content-type', 'content-length', 'host'])

/** Files in a bucket of S3, or of a store that speaks as S3 does. */
export const createS3Files = ({ settings, prefix, now }: S3Options): Files => {
  const client = clientOf(settings)
  const at = (key: string) => ({ Bucket: settings.S3_BUCKET, Key: `${prefix}/${assertKey(key)}` })
  const until = (expiresAt: Date) => {
    const signingDate = now()
    return { signingDate, expiresIn: Math.max(1, Math.floor((expiresAt.getTime() - signingDate.getTime()) / 1000)) }
  }
  return {
    presignUpload: async ({ key, contentType, length, expiresAt }) => {
      const command = new PutObjectCommand({ ...at(key), ContentType: contentType, ContentLength: length })
      const url = await getSignedUrl(client, command, { ...until(expiresAt), signableHeaders: BINDING })
      return { url, method: 'PUT', headers: { 'content-type': contentType, 'content-length': length.toString() } }
    },
    presignDownload: ({ key, filename, contentType, expiresAt }) => {
      const shown = { ResponseContentType: contentType, ResponseContentDisposition: attachmentOf(filename) }
      return getSignedUrl(client, new GetObjectCommand({ ...at(key), ...shown }), until(expiresAt))
    },
    head: (key) =>
      unlessMissing(async () => {
        const { ContentType, ContentLength } = await client.send(new HeadObjectCommand(at(key)))
        return { contentType: ContentType ?? '', length: ContentLength ?? 0 }
      }),
    get: (key) => unlessMissing(async () => (await client.send(new GetObjectCommand(at(key)))).Body as Readable),
    put: async ({ key, contentType, length, body }) => {
      await client.send(
        new PutObjectCommand({ ...at(key), ContentType: contentType, ContentLength: length, Body: body }),
      )
    },
    remove: async (key) => {
      await client.send(new DeleteObjectCommand(at(key)))
    },
  }
}

const clientOf = (settings: S3Settings): S3Client => {
  const { S3_ENDPOINT: endpoint, S3_ACCESS_KEY_ID: id, S3_SECRET_ACCESS_KEY: secret } = settings
  return new S3Client({
    region: settings.S3_REGION,
    // A checksum that is signed before the body is known would be that of an empty one.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    ...(id !== undefined && secret !== undefined && { credentials: { accessKeyId: id, secretAccessKey: secret } }),
  })
}

const unlessMissing = async <Found>(read: () => Promise<Found>): Promise<Found | undefined> => {
  try {
    return await read()
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return undefined
    throw error
  }
}
