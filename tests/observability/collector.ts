import { createServer } from 'node:http'
import { closeServer, listenAt } from '../../shared/runtime/http/listen.ts'

type Attribute = { readonly key: string; readonly value: { readonly stringValue?: string } }
type Resource = { readonly resource: { readonly attributes: readonly Attribute[] } }
type Span = { readonly traceId: string; readonly spanId: string; readonly name: string }
type Traces = {
  readonly resourceSpans?: readonly (Resource & { scopeSpans: readonly { spans: readonly Span[] }[] })[]
}
type Metrics = {
  readonly resourceMetrics?: readonly (Resource & {
    scopeMetrics: readonly { metrics: readonly { name: string }[] }[]
  })[]
}

/** An OpenTelemetry collector that keeps what it is sent, as OTLP over HTTP with JSON. */
export type Collector = {
  readonly url: string
  /** The spans so far, each with the service that sent it. */
  spans(): readonly (Span & { readonly service: string })[]
  /** The names of the metrics so far, by the service that sent them. */
  metrics(): ReadonlyMap<string, ReadonlySet<string>>
  /** Everything that was sent. */
  text(): string
  close(): Promise<void>
}

/** Listens on a free port of this machine. */
export const startCollector = async (): Promise<Collector> => {
  const traces: Traces[] = []
  const metrics: Metrics[] = []
  const texts: string[] = []
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    texts.push(body)
    if (request.url === '/v1/traces') traces.push(JSON.parse(body))
    if (request.url === '/v1/metrics') metrics.push(JSON.parse(body))
    response.setHeader('content-type', 'application/json').end('{}')
  })
  const { port } = await listenAt(server, { host: '127.0.0.1', port: 0, variable: 'none' })
  return {
    url: `http://127.0.0.1:${port}`,
    spans: () =>
      traces.flatMap(({ resourceSpans = [] }) =>
        resourceSpans.flatMap(one =>
          one.scopeSpans.flatMap(({ spans }) => spans.map(span => ({ ...span, service: serviceOf(one) }))),
        ),
      ),
    metrics: () => {
      const names = new Map<string, Set<string>>()
      for (const one of metrics.flatMap(({ resourceMetrics = [] }) => resourceMetrics))
        for (const { name } of one.scopeMetrics.flatMap(scope => scope.metrics))
          names.set(serviceOf(one), (names.get(serviceOf(one)) ?? new Set()).add(name))
      return names
    },
    text: () => texts.join('\n'),
    close: () => {
      server.closeAllConnections()
      return closeServer(server)
    },
  }
}

const serviceOf = ({ resource }: Resource): string =>
  resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? ''
