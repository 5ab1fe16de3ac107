import type { Recorded } from '../../contract/event.ts'
import { eventOf, textOf } from '../../contract/event-text.ts'
import type { SubjectId } from '../../contract/ids.ts'
import type { Saga } from '../../contract/saga.ts'
import { applyChange, type Change, type SagaDocument } from '../../saga/document/document.ts'
import type { Operators, Versioned } from './guarded-writes.ts'

/**
 * A document as it is stored: the id of its subject is the key, what is empty may be missing, and each event
 * is the text that is published. Up to 0.1 an event was a document of its own, which named its subject
 * otherwise.
 */
export type DocumentRecord = Versioned &
  Omit<SagaDocument, 'subject' | 'unsent' | 'events'> &
  Partial<Pick<SagaDocument, 'unsent'>> & { readonly events: readonly (string | Omit<Recorded, 'subject'>)[] }

export const fromRecord = <S>({ _id, unsent = [], events, ...fields }: DocumentRecord): SagaDocument<S> => {
  const subject = _id as SubjectId
  return {
    ...(fields as Omit<SagaDocument<S>, 'subject' | 'unsent' | 'events'>),
    events: events.map(event => (typeof event === 'string' ? eventOf(event) : { ...event, subject })),
    subject,
    unsent,
  }
}

/** The first record of a subject, with the change already in it. */
export const firstRecord = <S>(saga: Saga, document: SagaDocument<S>, change: Change<S>): DocumentRecord => {
  const { subject, unsent, events, ...fields } = applyChange(document, change)
  return {
    _id: subject,
    ...fields,
    events: events.map(event => textOf(saga, event)),
    ...(unsent.length > 0 && { unsent }),
  }
}

/** The change as update operators: on the stored record they do what `applyChange` does. */
export const operatorsOf = <S>(saga: Saga, change: Change<S>): Operators => {
  const { state, events, inbox, token, intent, unsent, due, stuckSince, erasure } = change
  const texts = (some: readonly Recorded[]) => some.map(event => textOf(saga, event))
  const removed = {
    ...(intent === null && { intent: '' }),
    ...(due === null && { due: '' }),
    ...(stuckSince === null && { stuckSince: '' }),
  }
  const added = each({ events: events && texts(events), unsent })
  return {
    $set: {
      ...(state != null && { state }),
      ...(token !== undefined && { token }),
      ...(intent && { intent }),
      ...(due != null && { due }),
      ...(stuckSince != null && { stuckSince }),
      ...(erasure && { events: texts(erasure.events), erasedAt: erasure.at }),
      ...inboxFields(inbox),
    },
    ...(Object.keys(removed).length > 0 && { $unset: removed }),
    ...(Object.keys(added).length > 0 && { $push: added }),
  }
}

const inboxFields = (inbox: Change['inbox'] = {}) =>
  Object.fromEntries(Object.entries(inbox).map(([id, entry]) => [`inbox.${id}`, entry]))

const each = (arrays: Record<string, readonly unknown[] | undefined>) =>
  Object.fromEntries(
    Object.entries(arrays)
      .filter(([, values]) => values !== undefined && values.length > 0)
      .map(([name, values]) => [name, { $each: values }]),
  )
