import { shop } from '../services/contract/shop.ts'
import { registerApiMetrics } from '../services/order/api/metrics.ts'
import { registerTrackingMetrics } from '../services/tracking/metrics.ts'
import { observedBroker } from '../shared/hosting/metrics/messaging.ts'
import { observedStore, sagaObserver } from '../shared/hosting/metrics/saga.ts'
import { observeCircuits, observeState } from '../shared/hosting/metrics/state.ts'
import { memoryBroker } from '../shared/messaging/memory/broker.ts'
import { topologyOf } from '../shared/messaging/topology/topology.ts'
import { gaugeHelp } from '../shared/operations/topology/gauges.ts'
import { type Description, openMetrics } from '../shared/runtime/telemetry/metrics.ts'
import { systemClock } from '../shared/runtime/time/clock.ts'
import { memoryStore } from '../shared/storage/memory/store.ts'
import { type Page, pageOf, table } from './page.ts'

/** Everything that a service of the saga registers, as its host does; a test compares with a live scrape. */
export const serviceMetrics = (): readonly Description[] => {
  const metrics = openMetrics('any')
  observedBroker(
    memoryBroker({ topology: topologyOf(shop.names, { participants: [] }), clock: systemClock }),
    metrics,
    systemClock,
  )
  observedStore(shop, memoryStore(), metrics)
  sagaObserver(shop, metrics)
  const idle = { connected: false, blocked: false, consuming: false, paused: false, openCalls: 0 }
  observeState(metrics, () => idle)
  observeCircuits(metrics, () => ({ reads: false, writes: false }))
  return metrics.described()
}

/** What the order service registers besides. */
export const orderMetrics = (): readonly Description[] => {
  const metrics = openMetrics('order')
  registerApiMetrics(metrics, () => 0)
  return metrics.described()
}

/** Everything that tracking registers. */
export const trackingMetrics = (): readonly Description[] => {
  const metrics = openMetrics('tracking')
  registerTrackingMetrics(metrics, () => 0)
  return metrics.described()
}

/** Every metric that can be scraped, by the program that has it. */
export const metricsPage: Page = {
  file: 'docs/reference/metrics.md',
  text: () =>
    pageOf('Metrics', 'Every metric at `GET /metrics` of a private port, and which program has it.', [
      '## The services of the saga\n\nEach has the label `service`, too; times are in seconds.',
      metricsTable(serviceMetrics()),
      '## The public API\n\nThe order service has these besides; each has the label `service`, too.',
      metricsTable(orderMetrics()),
      '## The topology watch\n\nMetrics by service have the label `service`.',
      table(
        ['name', 'what it measures'],
        Object.entries(gaugeHelp).map(([name, help]) => [`\`${name}\``, help]),
      ),
      '## Tracking\n\nEach has the label `service`, too.',
      metricsTable(trackingMetrics()),
      'Besides these, every process has the default metrics of Node: `process_*` and `nodejs_*`.',
    ]),
}

const metricsTable = (metrics: readonly Description[]): string =>
  table(
    ['name', 'type', 'labels', 'what it measures'],
    metrics.map(({ name, type, labels, help }) => [
      `\`${name}\``,
      type,
      labels.map(label => `\`${label}\``).join(', ') || '-',
      help,
    ]),
  )
