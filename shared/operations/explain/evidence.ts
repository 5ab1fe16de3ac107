import type { Event } from '../../contract/event.ts'
import type { EventId, SubjectId } from '../../contract/ids.ts'
import type { Saga } from '../../contract/saga.ts'
import type { ErrorDetail } from '../../runtime/error-report.ts'
import type { Duration } from '../../runtime/time/duration.ts'
import { publicEvents } from '../../saga/context.ts'
import type { SagaDocument } from '../../saga/document/document.ts'
import { isHandled } from '../../saga/process/handle.ts'
import type { DeadLetter } from '../dead-letters/dead-letter.ts'
import type { QueueReading } from '../topology/queue-readings.ts'
import type { FullQueue } from './full-queue.ts'

/** What a service does when it hears an event: what may come next, and how long that usually takes. */
export type Subscription = { readonly emits: readonly string[]; readonly within: Duration }

/** Whether a service can work: `ready`, the checks that do not hold, or `unreachable`. */
export type Readiness = 'ready' | 'unreachable' | { readonly failing: readonly string[] }

/** What is known of one service and the subject. */
export type ServiceEvidence = {
  readonly service: string
  readonly hears: Readonly<Record<string, Subscription>>
  readonly document?: SagaDocument
  /** Undefined when it is not known, as is each of its numbers; `missing` when there is no such queue. */
  readonly inbox?: Pick<QueueReading, 'ready' | 'consumers'> | 'missing'
  readonly readiness?: Readiness
}

/** An event that waits for its next attempt. Instants are milliseconds. */
export type WaitingEvent = ErrorDetail & {
  readonly service: string
  readonly eventId: EventId
  readonly attempts: number
  readonly reason: string
  readonly nextAt?: number
}

/** All that was gathered about a subject. */
export type Evidence = {
  readonly saga: Saga
  readonly subject: SubjectId
  /** When it was gathered (ms). */
  readonly at: number
  readonly services: readonly ServiceEvidence[]
  readonly deadLetters: readonly DeadLetter[]
  readonly waiting: readonly WaitingEvent[]
  /** Queues that refuse what is published. */
  readonly full: readonly FullQueue[]
  /** What could not be looked at, and why. */
  readonly blind: readonly ({ readonly what: string; readonly code: string } & ErrorDetail)[]
}

/** A step of the saga that is not done: the hearer has not finished with this event. */
export type OpenStep = {
  readonly event: Event
  readonly from: ServiceEvidence
  readonly hearer: ServiceEvidence
  readonly hears: Subscription
}

/** Every event on record that a service which hears it has not finished with, the oldest first. Pure. */
export const openSteps = (services: readonly ServiceEvidence[]): OpenStep[] =>
  services
    .flatMap(from => publicEvents(from.document?.events ?? []).map(event => ({ from, event })))
    .flatMap(({ from, event }) => services.flatMap(hearer => stepOf(from, event, hearer)))
    .sort((a, b) => Date.parse(a.event.at) - Date.parse(b.event.at))

const stepOf = (from: ServiceEvidence, event: Event, hearer: ServiceEvidence): OpenStep[] => {
  const hears = hearer.hears[event.type]
  if (!hears) return []
  const isCalling = hearer.document?.intent?.source.id === event.id
  return isHandled(hearer.document?.inbox[event.id]) && !isCalling ? [] : [{ event, from, hearer, hears }]
}
