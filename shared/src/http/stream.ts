import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** An answer that is sent while it is made, in a form other than one JSON document. */
export class Streamed {
  constructor(
    readonly mediaType: string,
    readonly chunks: AsyncIterable<string | Uint8Array>,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}
}

/** Sends a stream as fast as the caller reads; one that breaks off leaves the answer visibly incomplete. */
export const sendStream = async (response: ServerResponse, { mediaType, chunks, headers }: Streamed): Promise<void> => {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  response.setHeader('content-type', mediaType)
  try {
    await pipeline(Readable.from(chunks), response)
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  }
}
