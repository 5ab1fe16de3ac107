import type { Event } from '../../contract/event.ts'
import { redacted, sensitiveIn } from '../../contract/redact.ts'
import type { Saga } from '../../contract/saga.ts'
import { briefOf, type ErrorDetail } from '../../runtime/error-report.ts'
import { causedBy } from '../../saga/context.ts'
import type { Decision } from '../../saga/define/decision.ts'
import { fold, reactionTo, type Service } from '../../saga/define/service.ts'
import { blank, type SagaDocument } from '../../saga/document/document.ts'
import { failureOn } from '../../saga/process/failure-report.ts'
import { isHandled } from '../../saga/process/handle.ts'

/** An event that would be sent, without what its schema marks as sensitive. */
type Sent = { readonly type: string; readonly data: unknown }

/** What would become of an event if it came again now. */
export type Forecast = {
  readonly eventId: string
  readonly subject: string
  readonly opens?: 'open-call'
} & (
  | { readonly does: 'resends'; readonly events: readonly Sent[] }
  | { readonly does: 'ignores'; readonly reason: string }
  | {
      readonly does: 'applies'
      readonly events: readonly Sent[]
      readonly from: string
      readonly to: string
    }
  | { readonly does: 'calls'; readonly call: unknown; readonly maySend: readonly string[] }
  | ({ readonly does: 'fails'; readonly reason: string } & ErrorDetail)
)

/**
 * What the service would do with the event, by its own rules and what it has on record. Nothing is performed,
 * sent or written. Pure. `opens` says that a call is open, which would be finished first: the rest then
 * depends on its answer.
 */
export const forecast = <S>(
  service: Service<S>,
  event: Event,
  document: SagaDocument<S> = blank(event.subject, service.initial),
): Forecast => {
  const about = { eventId: event.id, subject: event.subject }
  if (isHandled(document.inbox[event.id]))
    return { ...about, does: 'resends', events: causedBy(document, event.id).map(shown(service.saga)) }
  const opens = document.intent ? { opens: 'open-call' as const } : {}
  return { ...about, ...opens, ...decided(service, event, document) }
}

type Does = Forecast extends infer F
  ? F extends unknown
    ? Omit<F, 'eventId' | 'subject' | 'opens'>
    : never
  : never

const decided = <S>(service: Service<S>, event: Event, document: SagaDocument<S>): Does => {
  const { state } = document
  const reaction = reactionTo(service, event.type)
  if (!reaction) return { does: 'fails', reason: 'event-unknown' }
  try {
    return told(service, event, state, reaction.decide(state, event), Object.keys(reaction.emits))
  } catch (error) {
    const report = failureOn({ service }, error, document, [event])
    return { does: 'fails', reason: report.code, ...briefOf(report) }
  }
}

const told = <S>(
  service: Service<S>,
  event: Event,
  state: S,
  decision: Decision,
  maySend: readonly string[],
): Does => {
  if (decision.kind === 'ignore') return { does: 'ignores', reason: decision.reason }
  if (decision.kind === 'call')
    return { does: 'calls', call: withoutSecrets(service.saga, event, decision.call), maySend }
  const events = decision.facts.filter(fact => !fact.note).map(shown(service.saga))
  return {
    ...{ does: 'applies', events, from: statusOf(state) },
    to: statusOf(fold(service, state, decision.facts)),
  }
}

const shown =
  ({ definitionOf }: Saga) =>
  ({ type, data }: { type: string; data: unknown }): Sent => {
    const definition = definitionOf(type)
    return { type, data: definition && redacted(definition.schema, data) }
  }

const statusOf = (state: unknown): string =>
  typeof state === 'object' && state !== null && 'status' in state ? String(state.status) : 'unknown'

/**
 * Calls have no schema: what the event that asks for one marks as sensitive is taken out of it wherever it
 * stands.
 */
const withoutSecrets = (saga: Saga, event: Event, call: unknown): unknown => {
  const secrets = sensitiveIn(saga, [event])
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return secrets.has(value) ? '(not shown)' : value
    if (Array.isArray(value)) return value.map(clean)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, clean(inner)]))
  }
  return clean(call)
}
