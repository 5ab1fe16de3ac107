import type { Metrics } from '../../shared/runtime/telemetry/metrics.ts'

/**
 * Registers what tracking measures; `lagSeconds` is asked at each scrape. What is returned counts an event
 * that could not be read.
 */
export const registerTrackingMetrics = (metrics: Metrics, lagSeconds: () => number): (() => void) => {
  const help = 'Seconds by which the read model may be behind the journal.'
  metrics.gauge({ name: 'choreo_tracking_lag_seconds', help }, lagSeconds)
  const unreadable = metrics.counter({
    name: 'choreo_tracking_unreadable_total',
    help: 'Events of the journal that could not be read and were left out of the read model.',
  })
  return () => unreadable()
}
