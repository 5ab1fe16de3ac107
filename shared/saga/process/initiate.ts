import type { Event } from '../../contract/event.ts'
import type { SubjectId } from '../../contract/ids.ts'
import { codeOf } from '../../runtime/errors.ts'
import { logFailure } from '../../runtime/telemetry/failure-log.ts'
import { changeOf, commit, load, publicEvents, retryOnConflict, type SagaContext } from '../context.ts'
import type { Accept, Ignore } from '../define/decision.ts'
import { blank, type SagaDocument } from '../document/document.ts'
import { subjectNames } from '../observe/log-names.ts'
import { failureOn } from './failure-report.ts'

/** `accepted` is false when there was nothing to put on record. */
type Initiated<S> = { accepted: boolean; document: SagaDocument<S> }

/**
 * Puts facts on record that no message caused (protocol, rule 2): events and their mark in one write, then
 * published in the background; the mark goes when they are confirmed, and a sweep sends what kept its mark.
 * Resolves with the document once it is durable. `isNew` spares the read when the subject is not expected to
 * exist; the events go on in `traceparent`, if it is given and the subject is in no trace yet. Throws what
 * the store throws.
 */
export const initiate = <S>(
  context: SagaContext<S>,
  subject: SubjectId,
  decide: (state: S) => Accept | Ignore,
  { isNew = false, traceparent }: { isNew?: boolean; traceparent?: string | undefined } = {},
): Promise<Initiated<S>> =>
  retryOnConflict<Initiated<S>>(subject, async round => {
    const document =
      isNew && round === 0 ? blank(subject, context.service.initial) : await load(context, subject)
    const decision = decide(document.state)
    if (decision.kind === 'ignore') return { accepted: false, document }
    const write = { facts: decision.facts, unsent: true, traceparent }
    const change = changeOf(context.service, document, write, context.clock.now())
    const written = await commit(context, document, change)
    if (written === 'conflict') return 'conflict'
    context.background(relay(context, subject, publicEvents(change.events ?? [])))
    return { accepted: true, document: written }
  })

/**
 * Publishes what is marked as unsent and takes the marks away; false when there was nothing or it failed,
 * which is left to the sweep.
 */
export const relay = async (
  context: SagaContext,
  subject: SubjectId,
  events: readonly Event[],
): Promise<boolean> => {
  if (events.length === 0) return false
  try {
    await context.publish(events)
    await context.store.clearUnsent(
      subject,
      events.map(event => event.id),
    )
    context.pauses.ended(subject)
    return true
  } catch (error) {
    const code = codeOf(error)
    // Without a broker nothing is sent and nothing is refused: then it goes as soon as the broker is back.
    if (code !== 'broker-unavailable') context.pauses.failed(subject, code)
    const report = failureOn(context, error, context.recentDocuments.get(subject), events)
    const about = subjectNames(context, subject, events[0]?.traceparent)
    logFailure(context.log, 'events stay marked as unsent', report, { ...about, count: events.length })
    return false
  }
}
