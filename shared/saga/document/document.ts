import type { Fact, Recorded } from '../../contract/event.ts'
import { type EventId, eventId, type SubjectId } from '../../contract/ids.ts'

/** What became of an input: applied, found to have nothing to do, or given up and parked (`dead`). */
export type InboxEntry = {
  readonly outcome: 'applied' | 'ignored' | 'dead' | 'suspect'
  /** How often a suspect of crashing the process was begun. */
  readonly tries?: number
  /** Why it was parked. */
  readonly reason?: string
  /** The re-send that brought a dead input last: the same one does not try it again. */
  readonly resend?: string
}

/**
 * A call to the world outside that is on record before it is made, so that whoever comes next finishes it.
 */
export type Intent = {
  /** The input that asked for it: its inbox entry is written with the result. */
  readonly source: { readonly id: EventId; readonly type: string; readonly traceparent?: string }
  readonly call: unknown
  /**
   * How often the attempt itself is put on record: once for a call with a key of its own, each time when a
   * token fences it.
   */
  readonly record: 'once' | 'every-attempt'
  /** Set when nobody waits for the call any more: from this instant (ms) any instance may finish it. */
  readonly due?: number
  /** Calls that ended without an answer since it was detached, for the back-off. */
  readonly failures?: number
  /** Those of them in which whoever was called refused the call for good. */
  readonly refusals?: Refusals
}

/** How often a call was refused for good, the last refusal (without values), and since when (ms) it is stuck. */
export type Refusals = {
  readonly count: number
  readonly last: { readonly at: number; readonly reason: string }
  readonly stuckSince?: number
}

/**
 * All that one service knows about one subject: one document, written by one guarded update. `events` is the
 * stream and the outbox, `state` its fold, `inbox` the dedup record that lives as long as the document.
 */
export type SagaDocument<S = unknown> = {
  readonly subject: SubjectId
  /**
   * Counts the writes; every write names the version that it read. 0 is a document that does not exist yet.
   */
  readonly version: number
  readonly state: S
  readonly events: readonly Recorded[]
  readonly inbox: Readonly<Record<string, InboxEntry>>
  /** Fences attempts: who works with a smaller one is stale. */
  readonly token: number
  readonly intent?: Intent
  /** Events that no message caused and that are not known to be confirmed. */
  readonly unsent: readonly EventId[]
  /** When this document wants to be looked at again (ms), whatever happens. */
  readonly due?: number
  /** Since when (ms) its call is refused again and again: a person has to look. */
  readonly stuckSince?: number
  /** When what is sensitive in its events was replaced (ms). */
  readonly erasedAt?: number
}

/** What one write changes; absent means unchanged, `null` means removed. */
export type Change<S = unknown> = {
  readonly state?: S
  readonly events?: readonly Recorded[]
  readonly inbox?: Readonly<Record<string, InboxEntry>>
  readonly token?: number
  readonly intent?: Intent | null
  readonly unsent?: readonly EventId[]
  readonly due?: number | null
  readonly stuckSince?: number | null
  /** All events anew, the same but for what was sensitive in them; goes with no other events. */
  readonly erasure?: { readonly events: readonly Recorded[]; readonly at: number }
}

/** The document of a subject that the service has not heard of. */
export const blank = <S>(subject: SubjectId, initial: S): SagaDocument<S> => ({
  subject,
  version: 0,
  state: initial,
  events: [],
  inbox: {},
  token: 0,
  unsent: [],
})

/** The document after the change: what every store must hold once it has committed. */
export const applyChange = <S>(document: SagaDocument<S>, change: Change<S>): SagaDocument<S> => {
  const { intent, due, stuckSince, ...rest } = document
  const nextIntent = change.intent === undefined ? intent : change.intent
  const nextDue = change.due === undefined ? due : change.due
  const nextStuck = change.stuckSince === undefined ? stuckSince : change.stuckSince
  return {
    ...rest,
    version: document.version + 1,
    state: change.state ?? document.state,
    events: [...(change.erasure?.events ?? document.events), ...(change.events ?? [])],
    inbox: { ...document.inbox, ...change.inbox },
    token: change.token ?? document.token,
    unsent: [...document.unsent, ...(change.unsent ?? [])],
    ...(nextIntent && { intent: nextIntent }),
    ...(nextDue != null && { due: nextDue }),
    ...(nextStuck != null && { stuckSince: nextStuck }),
    ...(change.erasure && { erasedAt: change.erasure.at }),
  }
}

/**
 * Puts facts on record after those that are there: the ids follow from the document, so that the same work
 * gets the same ids.
 */
export const record = (
  document: SagaDocument,
  facts: readonly Fact[],
  about: { service: string; at: number; cause?: EventId; traceparent?: string },
): Recorded[] =>
  facts.map((fact, i) => ({
    ...fact,
    id: eventId(document.subject, about.service, document.events.length + i + 1),
    subject: document.subject,
    at: new Date(about.at).toISOString(),
    ...(about.cause && { cause: about.cause }),
    ...(about.traceparent && { traceparent: about.traceparent }),
  }))
