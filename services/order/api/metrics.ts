import type { Metrics } from '../../../shared/runtime/telemetry/metrics.ts'
import type { RefusalCode } from './refusals.ts'

/**
 * Registers what the public API measures; `open` is asked at each scrape. What is returned counts a refusal.
 */
export const registerApiMetrics = (metrics: Metrics, open: () => number): ((code: RefusalCode) => void) => {
  metrics.gauge(
    {
      name: 'choreo_open_orders',
      help: 'Orders younger than 10 s that are not settled, over all instances, as far as this one knows.',
    },
    open,
  )
  const refusals = metrics.counter({
    name: 'choreo_refusals_total',
    help: 'Requests that the public API refused, by the code of the answer.',
    labels: ['code'],
  })
  return code => refusals({ code })
}
