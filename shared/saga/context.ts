import type { Event, Recorded } from '../contract/event.ts'
import type { EventId, SubjectId } from '../contract/ids.ts'
import type { Notice } from '../contract/notice.ts'
import { SagaError } from '../runtime/errors.ts'
import type { Random } from '../runtime/random.ts'
import type { Log } from '../runtime/telemetry/log.ts'
import { traceparentOf } from '../runtime/telemetry/trace.ts'
import type { Clock } from '../runtime/time/clock.ts'
import type { ConcurrencyLimit } from './consume/concurrency-limit.ts'
import type { Accept } from './define/decision.ts'
import { fold, type Service } from './define/service.ts'
import {
  applyChange,
  blank,
  type Change,
  type Intent,
  record,
  type SagaDocument,
} from './document/document.ts'
import type { RecentDocuments } from './document/recent-documents.ts'
import type { DoneCache, Store } from './document/store.ts'
import type { Observer } from './observe/observer.ts'
import type { Pauses } from './pauses.ts'

/** Resolves when all of them are confirmed by the broker; rejects when that is not known of any. */
export type PublishEvents = (events: readonly Event[], resend?: string) => Promise<void>

/**
 * Reports trouble of this service to the journal. Resolves when it was published or given up, after a short
 * time at most; never rejects.
 */
export type ReportNotice = (notice: Notice) => Promise<void>

/** What the protocol works with. Everything that has an effect is a port. */
export type SagaContext<S = unknown> = {
  readonly service: Service<S>
  readonly store: Store<S>
  readonly done: DoneCache
  readonly publish: PublishEvents
  readonly reportNotice: ReportNotice
  readonly observer: Observer
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Takes over work that nobody waits for, so that a drain can. */
  readonly background: (work: Promise<unknown>) => void
  /** Calls that this process has under way, by subject: whoever needs the same answer shares it. */
  readonly openCalls: Map<SubjectId, OpenCall>
  /** Subjects whose background call this process is finishing. */
  readonly backgroundCalls: Set<SubjectId>
  readonly concurrency: ConcurrencyLimit
  readonly recentDocuments: RecentDocuments<S>
  /** Subjects whose marked events could not be sent. */
  readonly pauses: Pauses
}

export type OpenCall = { readonly source: EventId; readonly answer: Promise<{ answer: unknown } | 'stale'> }

/** The document, or a blank one when the service has not heard of the subject. */
export const load = async <S>(context: SagaContext<S>, subject: SubjectId): Promise<SagaDocument<S>> =>
  (await context.store.load(subject)) ?? blank(subject, context.service.initial)

/**
 * One guarded write: the document after it, or `conflict` when somebody else wrote first. What is known of
 * the document without a read follows from it. @throws SagaError `store-unavailable`: nobody knows
 */
export const commit = async <S>(
  { store, recentDocuments: recent }: Pick<SagaContext<S>, 'store' | 'recentDocuments'>,
  document: SagaDocument<S>,
  change: Change<S>,
): Promise<SagaDocument<S> | 'conflict'> => {
  try {
    if ((await store.commit(document, change)) === 'committed') {
      const next = applyChange(document, change)
      recent.keep(next)
      return next
    }
  } catch (error) {
    recent.forget(document.subject)
    throw error
  }
  recent.forget(document.subject)
  return 'conflict'
}

/** How often a lost race is run again before the caller gets an error. */
const rounds = 20

/**
 * Runs `attempt` until it comes to something else than `again`, which means that somebody else wrote first.
 * @throws SagaError `contended`, naming the subject, after 20 of them
 */
export const retryOnConflict = async <T>(
  subject: string,
  attempt: (round: number) => Promise<T | 'conflict'>,
): Promise<T> => {
  for (let round = 0; round < rounds; round++) {
    const outcome = await attempt(round)
    if (outcome !== 'conflict') return outcome
  }
  throw new SagaError('contended', subject)
}

/**
 * A write as the protocol says it: facts with their cause, and the fields of the document that are the
 * kernel's.
 */
export type Write = Pick<Change, 'inbox' | 'token' | 'intent'> & {
  readonly facts?: Accept['facts']
  readonly cause?: EventId
  /** The trace that goes on in the events; that of the document unless set. */
  readonly traceparent?: string | undefined
  /** True when no message will come again to have these events sent: they are noted as unsent. */
  readonly unsent?: boolean
}

/**
 * The change that a write makes to a document: state is folded, ids are given, the next due time is found.
 * Pure.
 */
export const changeOf = <S>(
  service: Service<S>,
  document: SagaDocument<S>,
  { facts = [], cause, unsent, traceparent, ...fields }: Write,
  at: number,
): Change<S> => {
  const about = { service: service.name, at, ...(cause && { cause }) }
  const events =
    facts.length === 0
      ? []
      : record(document, facts, { ...about, traceparent: goingOn(document, traceparent) })
  const state = fold(service, document.state, facts)
  const intent = fields.intent === undefined ? document.intent : (fields.intent ?? undefined)
  const due = dueOf(service, state, intent)
  const stuckSince = intent?.refusals?.stuckSince
  return {
    ...fields,
    ...(events.length > 0 && { events, state }),
    ...(unsent && { unsent: publicEvents(events).map(event => event.id) }),
    ...(due !== document.due && { due: due ?? null }),
    ...(stuckSince !== document.stuckSince && { stuckSince: stuckSince ?? null }),
  }
}

// Whatever begins nothing new belongs to the trace of its subject, and without any all services derive the
// same one.
const goingOn = ({ subject, events }: SagaDocument, traceparent: string | undefined): string =>
  traceparent ?? events[0]?.traceparent ?? traceparentOf(subject)

const dueOf = <S>(service: Service<S>, state: S, intent: Intent | undefined): number | undefined =>
  intent?.due ?? service.due?.(state)

/** Those of the events that leave the service. */
export const publicEvents = (events: readonly Recorded[]): Event[] =>
  events.filter(event => !event.note) as Event[] // an event that is no note was made by a definition of the contract

/** What the input caused, to be sent again. */
export const causedBy = (document: SagaDocument, cause: EventId): Event[] =>
  publicEvents(document.events.filter(event => event.cause === cause))

/** What no message caused. */
export const eventsWithoutCause = (document: SagaDocument): Event[] =>
  publicEvents(document.events.filter(event => event.cause === undefined))
