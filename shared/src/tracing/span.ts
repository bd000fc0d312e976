import { nextTraceparent } from '../context.js'

type Attributes = Readonly<Record<string, string | number | boolean>>

export type SpanStart = {
  name: string
  kind: 'server' | 'client' | 'producer' | 'consumer'
  /** The W3C traceparent of what this work is a part of. */
  parent?: string | undefined
  attributes?: Attributes
}

/** A stretch of work that is measured when traces are kept, and travels on in any case. */
export type Span = {
  readonly traceparent: string
  end(outcome?: { name?: string; attributes?: Attributes; failed?: boolean }): void
}

let tracer: ((start: SpanStart) => Span) | undefined

/** Says who keeps spans from now on; nobody, unless an endpoint for traces is set. */
export const keepSpansBy = (keeper: typeof tracer): void => {
  tracer = keeper
}

/** Continues the trace of the parent with a span of our own, or begins a new one. */
export const beginSpan = (start: SpanStart): Span =>
  tracer?.(start) ?? { traceparent: nextTraceparent(start.parent), end: () => undefined }
