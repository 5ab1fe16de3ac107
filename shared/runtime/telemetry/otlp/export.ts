import { DiagLogLevel, diag, trace } from '@opentelemetry/api'
import { z } from 'zod'
import { type Env, loadConfig } from '../../configuration/config.ts'
import type { StopStep } from '../../lifecycle/drain.ts'
import { type Clock, systemClock, within } from '../../time/clock.ts'
import { exporting } from '../../variables.ts'
import type { Log } from '../log.ts'
import { samples } from '../metrics.ts'

/** How often metrics are sent (ms). */
const exportIntervalMillis = 15_000
/** How often it is logged that nothing can be sent (ms). */
const complainEveryMs = 60_000
/** How long a process that stops waits for its collector (ms): the exporter itself would try for 10 s. */
const flushMs = 3_000

/**
 * Sends spans and metrics of this process to a collector, as OTLP over HTTP, when the standard variable
 * `OTEL_EXPORTER_OTLP_ENDPOINT` says where; the other OTEL_ variables of the SDK are honoured, too. Resolves
 * with the step that sends what is left when the process stops; without the variable nothing is loaded.
 */
export const exportTelemetry = async (
  program: string,
  log: Log,
  { env, clock = systemClock }: { env?: Env; clock?: Clock } = {},
): Promise<readonly StopStep[]> => {
  const { config } = loadConfig(z.object(exporting), env)
  if (config.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) return []
  // Loaded only when it is used: the SDK is larger than a service.
  const { resourceOf, tracesTo, metricsTo } = await import('./sdk.ts')
  const complain = calmly(clock, () =>
    log.warn('spans and metrics cannot be sent; is there a collector at OTEL_EXPORTER_OTLP_ENDPOINT?'),
  )
  diag.setLogger(onlyErrors(complain), { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true })
  const resource = resourceOf(program)
  const [traces, metrics] = [tracesTo(resource), metricsTo(resource, samples, exportIntervalMillis)]
  trace.setGlobalTracerProvider(traces)
  const flush = async () => {
    const sent = Promise.allSettled([traces.shutdown(), metrics.shutdown()])
    if ((await within(clock, flushMs, sent)) === 'late') complain()
  }
  return [{ name: 'send the last spans and metrics', run: flush }]
}

/** At most once in a while. */
const calmly = (clock: Clock, complain: () => void) => {
  let silentUntil = Number.NEGATIVE_INFINITY
  return () => {
    if (clock.monotonic() < silentUntil) return
    silentUntil = clock.monotonic() + complainEveryMs
    complain()
  }
}

/** Their texts may quote what was sent, so they are not logged. */
const onlyErrors = (error: () => void) => {
  const nothing = () => {}
  return { error, warn: nothing, info: nothing, debug: nothing, verbose: nothing }
}
