import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export type Span = { traceId: string; spanId: string; parentSpanId?: string; name: string; service: string }
type Exported = {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] }
    scopeSpans: { spans: Omit<Span, 'service'>[] }[]
  }[]
}

export type Collector = {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  endpoint: string
  of(traceId: string): Span[]
  close(): Promise<void>
}

/** As much of an OTLP collector as takes JSON over HTTP. */
export const startCollector = async (): Promise<Collector> => {
  const spans: Span[] = []
  const collect = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { resourceSpans } = JSON.parse((await buffer(request)).toString()) as Exported
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? ''
      spans.push(...scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ ...span, service }))))
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  }
  const server = createServer((request, response) => void collect(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port.toString()}`,
    of: (traceId) => spans.filter((span) => span.traceId === traceId),
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  }
}
