import { type HrTime, ValueType } from '@opentelemetry/api'
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  type MetricData,
} from '@opentelemetry/sdk-metrics'
import type { Sample } from '../metrics.ts'

/** When counting began and when it was read. */
export type Interval = { readonly startTime: HrTime; readonly endTime: HrTime }

type Value = Sample['values'][number]
type Labels = Value['labels']

/**
 * Metrics as OpenTelemetry has them: counters as cumulative sums, gauges as gauges, histograms with the count
 * of each bucket by itself instead of the sums that Prometheus has. A summary is left out: it has no form
 * there. Pure.
 */
export const metricDataOf = (samples: readonly Sample[], interval: Interval): MetricData[] =>
  samples.flatMap((sample): MetricData[] => {
    const common = {
      descriptor: { name: sample.name, description: sample.help, unit: '', valueType: ValueType.DOUBLE },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
    }
    const numbers = () =>
      sample.values.map(({ value, labels }) => ({ ...interval, attributes: { ...labels }, value }))
    switch (sample.type) {
      case 'counter':
        return [{ ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: numbers() }]
      case 'gauge':
        return [{ ...common, dataPointType: DataPointType.GAUGE, dataPoints: numbers() }]
      case 'histogram':
        return [
          { ...common, dataPointType: DataPointType.HISTOGRAM, dataPoints: histograms(sample, interval) },
        ]
      default:
        return []
    }
  })

const histograms = ({ name, values }: Sample, interval: Interval): DataPoint<Histogram>[] => {
  const byLabels = new Map<string, Value[]>()
  for (const value of values) {
    const key = JSON.stringify(withoutLe(value.labels))
    const series = byLabels.get(key)
    if (series) series.push(value)
    else byLabels.set(key, [value])
  }
  return [...byLabels.values()].map(series => ({
    ...interval,
    attributes: withoutLe(series[0]?.labels ?? {}),
    value: histogramOf(name, series),
  }))
}

const withoutLe = ({ le: _, ...labels }: Labels): Labels => labels

const histogramOf = (name: string, series: readonly Value[]): Histogram => {
  const partOf = (part: string) => series.find(one => one.metricName === `${name}_${part}`)?.value ?? 0
  const buckets = series.filter(({ metricName }) => metricName === `${name}_bucket`)
  const upTo = buckets.map(({ value }) => value)
  return {
    buckets: {
      boundaries: buckets.map(({ labels: { le } }) => Number(le)).filter(Number.isFinite),
      counts: upTo.map((count, i) => count - (upTo[i - 1] ?? 0)),
    },
    sum: partOf('sum'),
    count: partOf('count'),
  }
}
