import { context, SpanKind, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'

/** Spans of this process, kept as an SDK would export them, until `stop`. */
export const recordSpans = () => {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  trace.setGlobalTracerProvider(provider)
  return {
    spans: (): readonly ReadableSpan[] => exporter.getFinishedSpans(),
    stop: async () => {
      trace.disable()
      context.disable()
      await provider.shutdown()
    },
  }
}

/** A span and everything below it, in words: indented by depth, siblings in the order of their names. */
export const treeOf = (spans: readonly ReadableSpan[], parent: string | undefined): string[] =>
  spans
    .filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent)
    .sort((a, b) => orderOf(a).localeCompare(orderOf(b)))
    .flatMap(span => [
      `${SpanKind[span.kind].toLowerCase()} ${span.name}`,
      ...treeOf(spans, span.spanContext().spanId).map(line => `  ${line}`),
    ])

const orderOf = ({ name, attributes }: ReadableSpan) =>
  `${name} ${attributes['messaging.consumer.group.name'] ?? ''}`
