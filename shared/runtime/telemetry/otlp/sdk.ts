import type { HrTime } from '@opentelemetry/api'
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import { MeterProvider, type MetricProducer, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { systemClock } from '../../time/clock.ts'
import type { Sample } from '../metrics.ts'
import { metricDataOf } from './metric-data.ts'

/** Who sends: the program, unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES say otherwise. */
export const resourceOf = (program: string): Resource =>
  defaultResource()
    .merge(resourceFromAttributes({ 'service.name': program, 'service.namespace': 'choreo' }))
    .merge(detectResources({ detectors: [envDetector] }))

/** Sends spans in batches. */
export const tracesTo = (resource: Resource): BasicTracerProvider =>
  new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] })

/** Sends the metrics that Prometheus may read as well, every so often. */
export const metricsTo = (
  resource: Resource,
  read: () => Promise<readonly Sample[]>,
  exportIntervalMillis: number,
): MeterProvider => {
  const startTime = hrTime(systemClock.now())
  const producer: MetricProducer = {
    collect: async () => {
      const metrics = metricDataOf(await read(), { startTime, endTime: hrTime(systemClock.now()) })
      const scopeMetrics = [{ scope: { name: 'choreo' }, metrics }]
      return { resourceMetrics: { resource, scopeMetrics }, errors: [] }
    },
  }
  const exporter = new OTLPMetricExporter()
  const options = { exporter, exportIntervalMillis, exportTimeoutMillis: exportIntervalMillis / 2 }
  const reader = new PeriodicExportingMetricReader({ ...options, metricProducers: [producer] })
  return new MeterProvider({ resource, readers: [reader] })
}

const hrTime = (ms: number): HrTime => [Math.trunc(ms / 1_000), (ms % 1_000) * 1e6]
