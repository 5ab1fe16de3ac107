import type { Metrics } from '../../runtime/telemetry/metrics.ts'
import type { EngineState } from '../../saga/engine.ts'

const told = (holds: boolean): number => (holds ? 1 : 0)

/** What an instance is doing at the moment of asking. */
export const observeState = (metrics: Metrics, state: () => EngineState): void => {
  const gauge = (name: string, help: string, read: (now: EngineState) => number) =>
    metrics.gauge({ name, help }, () => read(state()))
  gauge('choreo_publisher_connected', '1 while messages can be published.', now => told(now.connected))
  gauge('choreo_publisher_blocked', '1 while the broker takes no messages, short of memory or disk.', now =>
    told(now.blocked),
  )
  gauge('choreo_consuming', '1 while the inbox is consumed.', now => told(now.consuming))
  gauge('choreo_consuming_paused', '1 while consuming waits for a dependency to come back.', now =>
    told(now.paused),
  )
  gauge('choreo_open_calls', 'Calls outside that go on without their message here.', now => now.openCalls)
}

/** Which of the commands to Redis are given up for a moment, and all while it is unreachable. */
export const observeCircuits = (
  metrics: Metrics,
  open: () => Readonly<Record<'reads' | 'writes', boolean>>,
): void =>
  metrics.gauge(
    {
      name: 'choreo_redis_circuit_open',
      help: '1 while work goes on without Redis, by kind of command.',
      labels: ['operation'],
    },
    () => Object.entries(open()).map(([operation, is]) => ({ labels: { operation }, value: told(is) })),
  )
