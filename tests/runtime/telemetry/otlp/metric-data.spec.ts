import { expect } from 'chai'
import type { Sample } from '../../../../shared/runtime/telemetry/metrics.ts'
import { metricDataOf } from '../../../../shared/runtime/telemetry/otlp/metric-data.ts'

const interval = { startTime: [100, 0], endTime: [160, 5] } as const satisfies Parameters<
  typeof metricDataOf
>[1]
const one = (sample: Omit<Sample, 'help'>) => metricDataOf([{ help: 'what it is', ...sample }], interval)

describe('metrics for a collector', () => {
  it('have a counter as a sum that only grows, since counting began', () => {
    const values = [{ value: 7, labels: { service: 'order', code: 'saga-busy' } }]
    expect(one({ name: 'refusals_total', type: 'counter', values })).to.containSubset([
      {
        descriptor: { name: 'refusals_total', description: 'what it is' },
        isMonotonic: true,
        aggregationTemporality: 1,
        dataPoints: [{ ...interval, value: 7, attributes: { service: 'order', code: 'saga-busy' } }],
      },
    ])
  })

  it('have a gauge as a gauge', () => {
    const values = [{ value: 0.5, labels: {} }]
    const [gauge] = one({ name: 'lag_seconds', type: 'gauge', values })
    expect(gauge?.dataPoints).to.deep.equal([{ ...interval, attributes: {}, value: 0.5 }])
    expect(gauge).to.not.have.property('isMonotonic')
  })

  it('have each bucket of a histogram by itself, and each series', () => {
    const series = (state: string, [first, second, all]: readonly [number, number, number]) => [
      { value: first, labels: { le: 0.1, state }, metricName: 'saga_seconds_bucket' },
      { value: second, labels: { le: 1, state }, metricName: 'saga_seconds_bucket' },
      { value: all, labels: { le: '+Inf', state }, metricName: 'saga_seconds_bucket' },
      { value: 4.5, labels: { state }, metricName: 'saga_seconds_sum' },
      { value: all, labels: { state }, metricName: 'saga_seconds_count' },
    ]
    const values = [...series('confirmed', [2, 5, 6]), ...series('rejected', [0, 0, 1])]
    const [histogram] = one({ name: 'saga_seconds', type: 'histogram', values })
    expect(histogram?.dataPoints.map(({ attributes, value }) => ({ attributes, value }))).to.deep.equal([
      {
        attributes: { state: 'confirmed' },
        value: { buckets: { boundaries: [0.1, 1], counts: [2, 3, 1] }, sum: 4.5, count: 6 },
      },
      {
        attributes: { state: 'rejected' },
        value: { buckets: { boundaries: [0.1, 1], counts: [0, 0, 1] }, sum: 4.5, count: 1 },
      },
    ])
  })

  it('leave out what has no form there', () => {
    expect(one({ name: 'quantiles', type: 'summary', values: [] })).to.deep.equal([])
  })
})
