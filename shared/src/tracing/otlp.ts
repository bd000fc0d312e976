import type { Context, SpanContext, SpanKind } from '@opentelemetry/api'
import type { NodeTracerConfig } from '@opentelemetry/sdk-trace-node'
import { keepSpansBy, type SpanStart } from './span.js'

type Options = { service: string; endpoint: string | undefined; sampled: number }

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/** Sends spans to an OTLP endpoint over HTTP from now on; answers how to send the last of them. Without one, nothing. */
export const startTracing = async ({ service, endpoint, sampled }: Options): Promise<() => Promise<void>> => {
  if (endpoint === undefined) return () => Promise.resolve()
  // Loaded at need: most systems keep no traces.
  const [api, { NodeTracerProvider, BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler }, { OTLPTraceExporter }] = await Promise.all([import('@opentelemetry/api'), import('@opentelemetry/sdk-trace-node'), import('@opentelemetry/exporter-trace-otlp-http')]) // prettier-ignore
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` })
  const provider = new NodeTracerProvider({
    resource: resourceOf(service),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(sampled) }),
    spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: 1_000 })],
  })
  const tracer = provider.getTracer('countinghouse')
  const kinds: Record<SpanStart['kind'], SpanKind> = {
    server: api.SpanKind.SERVER,
    client: api.SpanKind.CLIENT,
    producer: api.SpanKind.PRODUCER,
    consumer: api.SpanKind.CONSUMER,
  }
  const contextOf = (parent: string | undefined): Context => {
    const known = toSpanContext(parent)
    return known ? api.trace.setSpanContext(api.ROOT_CONTEXT, known) : api.ROOT_CONTEXT
  }
  keepSpansBy(({ name, kind, parent, attributes = {} }) => {
    const span = tracer.startSpan(name, { kind: kinds[kind], attributes }, contextOf(parent))
    return {
      traceparent: toTraceparent(span.spanContext()),
      end: (outcome = {}) => {
        if (outcome.name !== undefined) span.updateName(outcome.name)
        if (outcome.attributes) span.setAttributes(outcome.attributes)
        if (outcome.failed) span.setStatus({ code: api.SpanStatusCode.ERROR })
        span.end()
      },
    }
  })
  return () => provider.shutdown()
}

type Resource = NonNullable<NodeTracerConfig['resource']>

const resourceOf = (service: string): Resource => {
  const resource: Resource = {
    attributes: { 'service.name': service },
    merge: () => resource,
    getRawAttributes: () => [['service.name', service]],
  }
  return resource
}

const toSpanContext = (traceparent = ''): SpanContext | undefined => {
  const [, traceId, spanId, flags = '01'] = TRACEPARENT.exec(traceparent) ?? []
  return traceId && spanId ? { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true } : undefined
}

const toTraceparent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-0${(traceFlags & 1).toString()}`
