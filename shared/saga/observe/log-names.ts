import type { EventHeader } from '../../contract/event.ts'
import type { SubjectId } from '../../contract/ids.ts'
import type { Saga } from '../../contract/saga.ts'
import type { LogFields } from '../../runtime/telemetry/log.ts'
import { traceIdOf } from '../../runtime/telemetry/trace.ts'
import type { SagaContext } from '../context.ts'
import type { SagaDocument } from '../document/document.ts'

type Named = Pick<SagaContext, 'service'>

/** The subject as a log line names it, with its trace. Pure. */
export const subjectNames = (
  { service: { saga } }: Named,
  subject: SubjectId,
  traceparent?: string | undefined,
): LogFields => ({ [saga.subject.field]: subject, traceId: traceIdOf(traceparent, subject) })

/** An event as a log line names it: its subject, itself, its type and its trace. Pure. */
export const eventNames = (
  saga: Saga,
  { subject, id, type, traceparent }: Pick<EventHeader, 'subject' | 'id' | 'type' | 'traceparent'>,
): LogFields => ({
  ...{ [saga.subject.field]: subject, eventId: id, eventType: type },
  traceId: traceIdOf(traceparent, subject),
})

/** What a document is worked on for: the event that asked for its open call, else its subject. Pure. */
export const workNames = (named: Named, { subject, intent, events }: SagaDocument): LogFields =>
  intent
    ? eventNames(named.service.saga, { ...intent.source, subject })
    : subjectNames(named, subject, events[0]?.traceparent)
