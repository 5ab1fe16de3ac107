import type { Saga } from '../../contract/saga.ts'
import { type Metrics, secondsOfWork } from '../../runtime/telemetry/metrics.ts'
import type { Store } from '../../saga/document/store.ts'
import type { Observer } from '../../saga/observe/observer.ts'
import { typeLabel } from './type-label.ts'

/** Buckets (s) for what may wait for a person. */
const coarse = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600]
const powersOfTwo = [1, 2, 4, 8, 16, 32, 64]

/** Counts and measures what the kernel says of itself. */
export const sagaObserver = (saga: Saga, metrics: Metrics): Observer => {
  const troubles = troubleCounters(metrics)
  const envelope = metrics.histogram({
    name: 'choreo_envelope_events',
    help: 'Events in one message of the inbox.',
    buckets: powersOfTwo,
  })
  let lastUnsent = 0
  metrics.gauge(
    { name: 'choreo_unsent_events', help: 'Events that the last sweep found unsent.' },
    () => lastUnsent,
  )
  return {
    ...troubles,
    processed: settlings(saga, metrics),
    received: events => envelope({}, events),
    unsent: events => {
      lastUnsent = events
    },
  }
}

const settlings = (saga: Saga, metrics: Metrics): Observer['processed'] => {
  const events = metrics.counter({
    name: 'choreo_events_total',
    help: 'Events of the inbox by type and by what became of them.',
    labels: ['event_type', 'outcome'],
  })
  const parked = metrics.counter({
    name: 'choreo_events_parked_total',
    help: 'Events given up and sent to the dead letters, by type and reason.',
    labels: ['event_type', 'reason'],
  })
  const handling = metrics.histogram({
    name: 'choreo_handling_seconds',
    help: 'Time from the arrival of an event to its settlement.',
    labels: ['event_type'],
    buckets: secondsOfWork,
  })
  const lag = metrics.histogram({
    name: 'choreo_lag_seconds',
    help: 'Age of an event when it was applied or ignored here.',
    labels: ['event_type'],
    buckets: coarse,
  })
  return ({ type, outcome, reason, ms, ageMs }) => {
    const event_type = typeLabel(saga, type)
    events({ event_type, outcome })
    if (outcome === 'parked') parked({ event_type, reason: reason ?? 'unknown' })
    handling({ event_type }, ms / 1_000)
    if (ageMs !== undefined) lag({ event_type }, Math.max(0, ageMs) / 1_000)
  }
}

const troubleCounters = (metrics: Metrics): Pick<Observer, 'reported' | 'reportLost'> => {
  const failed = metrics.counter({
    name: 'choreo_attempts_failed_total',
    help: 'Failed attempts at events and calls outside, by reason.',
    labels: ['reason'],
  })
  const repairs = metrics.counter({
    name: 'choreo_repairs_total',
    help: 'What was put right without a person, by kind.',
    labels: ['what'],
  })
  const unconfirmed = metrics.counter({
    name: 'choreo_notices_unconfirmed_total',
    help: 'Notices that may not have reached the journal.',
    labels: ['kind'],
  })
  return {
    reported: ({ kind, data }) => {
      if (kind === 'attempt-failed') failed({ reason: data.reason })
      if (kind === 'repaired') repairs({ what: data.what })
    },
    reportLost: ({ kind }) => unconfirmed({ kind }),
  }
}

/** Measures sagas from end to end, where the event that ends them is written down. */
export const observedStore = <S>({ definitionOf }: Saga, store: Store<S>, metrics: Metrics): Store<S> => {
  const duration = metrics.histogram({
    name: 'choreo_saga_seconds',
    help: 'Time from the first event of a saga to the one that ended it, by its end.',
    labels: ['state'],
    buckets: coarse,
  })
  return {
    ...store,
    commit: async (document, change) => {
      const outcome = await store.commit(document, change)
      const begun = document.events[0]?.at
      if (outcome !== 'committed' || begun === undefined) return outcome
      for (const { type, at } of change.events ?? [])
        if (definitionOf(type)?.terminal)
          duration({ state: type.slice(type.indexOf('.') + 1) }, (Date.parse(at) - Date.parse(begun)) / 1_000)
      return outcome
    },
  }
}
