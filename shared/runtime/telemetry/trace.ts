import { createHash } from 'node:crypto'
import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { codeOf } from '../errors.ts'

export type { Attributes } from '@opentelemetry/api'

/**
 * One piece of work as a trace shows it. `parent` is a `traceparent` (W3C Trace Context); without one it
 * begins a trace. Attributes are asked for only when somebody traces.
 */
export type TracedWork = {
  readonly name: string
  readonly kind: 'server' | 'client' | 'producer' | 'consumer' | 'internal'
  readonly parent: string | undefined
  readonly attributes: Attributes | (() => Attributes)
}

const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
} as const

/**
 * Does the work in a span of its own and hands it the `traceparent` under which what it causes goes on.
 * Without an SDK there is no span, and the parent goes on. An error ends the span with its code, never with
 * its text, which may quote a body.
 */
export const inSpan = <T>(
  work: TracedWork,
  run: (traceparent: string | undefined) => Promise<T>,
  ended?: (result: T) => Attributes,
): Promise<T> => {
  const tracer = tracerNow()
  if (!tracer) return run(validTraceparent(work.parent))
  const { span, around, traceparent } = begin(tracer, work)
  const running = context.with(around, run, undefined, traceparent)
  if (span.isRecording()) endWith(span, running, ended)
  return running
}

/** Spans that end together, and the `traceparent` of each. */
type Spans = {
  readonly traceparents: readonly (string | undefined)[]
  readonly end: (work: Promise<unknown>) => void
}

/**
 * Begins spans for work that ends together, such as the messages of one burst; `end` ends them all. Undefined
 * when nobody traces.
 */
export const begun = (works: () => readonly TracedWork[]): Spans | undefined => {
  const tracer = tracerNow()
  if (!tracer) return undefined
  const all = works().map(work => begin(tracer, work))
  const recording = all.filter(({ span }) => span.isRecording())
  return {
    traceparents: all.map(({ traceparent }) => traceparent),
    end: running => {
      for (const { span } of recording) endWith(span, running)
    },
  }
}

/**
 * The `traceparent` of the span that is active here, if there is one: an instrumentation of HTTP may have
 * begun it.
 */
export const activeTraceparent = (): string | undefined => {
  const active = trace.getSpanContext(context.active())
  return active && isSpanContextValid(active) ? written(active) : undefined
}

/**
 * The trace of an order that nobody began to trace: every service finds the same one, for it follows from the
 * id.
 */
export const traceparentOf = (orderId: string): string => {
  const digest = createHash('sha256').update(orderId).digest('hex')
  return `00-${digest.slice(0, 32)}-${digest.slice(32, 48)}-01`
}

/** The id of the trace in which something about this order is done, as a log line has it. */
export const traceIdOf = (traceparent: string | undefined, orderId: string): string =>
  (validTraceparent(traceparent) ?? traceparentOf(orderId)).slice(3, 35)

const valid = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** The text if it is a `traceparent` of version 00, else undefined. */
export const validTraceparent = (text: string | undefined): string | undefined =>
  text !== undefined && valid.test(text) ? text : undefined

/**
 * None without an SDK, so that tracing costs nothing then. It may come and go, so it is asked for each time.
 */
const tracerNow = (): Tracer | undefined => {
  const provider = trace.getTracerProvider()
  return provider instanceof ProxyTracerProvider
    ? provider.getDelegateTracer('choreo')
    : provider.getTracer('choreo')
}

const begin = (tracer: Tracer, { name, kind, parent, attributes }: TracedWork) => {
  const above = contextOf(parent)
  const given = typeof attributes === 'function' ? attributes() : attributes
  const span = tracer.startSpan(name, { kind: kinds[kind], attributes: given }, above)
  const own = span.spanContext()
  return {
    span,
    around: trace.setSpan(above, span),
    traceparent: isSpanContextValid(own) ? written(own) : undefined,
  }
}

const contextOf = (traceparent: string | undefined): Context => {
  const above = parsed(traceparent)
  return above ? trace.setSpanContext(ROOT_CONTEXT, above) : ROOT_CONTEXT
}

const endWith = <T>(span: Span, running: Promise<T>, ended?: (result: T) => Attributes): void => {
  running.then(
    result => {
      if (ended) span.setAttributes(ended(result))
      span.end()
    },
    (error: unknown) => {
      span.setStatus({ code: SpanStatusCode.ERROR, message: codeOf(error) })
      span.setAttribute('error.type', codeOf(error))
      span.end()
    },
  )
}

const form = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

const parsed = (text: string | undefined): SpanContext | undefined => {
  const [, traceId = '', spanId = '', flags = ''] = (text && form.exec(text)) || []
  const found = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
  return isSpanContextValid(found) ? found : undefined
}

const written = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
