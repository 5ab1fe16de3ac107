import type { Recorded } from '../../contract/event.ts'
import { eventOf, textOf } from '../../contract/event-text.ts'
import type { OrderId } from '../../contract/ids.ts'
import { applyChange, type Change, type OrderDocument } from '../document.ts'
import type { Operators, Versioned } from './guarded-writes.ts'

/**
 * An order's document as it is stored: the id is the key, what is empty may be missing, and each event is the text that is published.
 * Up to 0.1 an event was a document of its own.
 */
export type OrderRecord = Versioned &
  Omit<OrderDocument, 'orderId' | 'unsent' | 'events'> &
  Partial<Pick<OrderDocument, 'unsent'>> & { readonly events: readonly (string | Recorded)[] }

export const fromRecord = <S>({ _id, unsent = [], events, ...fields }: OrderRecord): OrderDocument<S> => ({
  ...(fields as Omit<OrderDocument<S>, 'orderId' | 'unsent' | 'events'>),
  events: events.map(event => (typeof event === 'string' ? eventOf(event) : event)),
  orderId: _id as OrderId,
  unsent,
})

/** The first record of an order, with the change already in it. */
export const firstRecord = <S>(document: OrderDocument<S>, change: Change<S>): OrderRecord => {
  const { orderId, unsent, events, ...fields } = applyChange(document, change)
  return { _id: orderId, ...fields, events: events.map(textOf), ...(unsent.length > 0 && { unsent }) }
}

/** The change as update operators: on the stored record they do what `applyChange` does. */
export const operatorsOf = <S>({
  state,
  events,
  inbox,
  token,
  intent,
  unsent,
  due,
  erasure,
}: Change<S>): Operators => {
  const removed = { ...(intent === null && { intent: '' }), ...(due === null && { due: '' }) }
  const added = each({ events: events?.map(textOf), unsent })
  return {
    $set: {
      ...(state != null && { state }),
      ...(token !== undefined && { token }),
      ...(intent && { intent }),
      ...(due != null && { due }),
      ...(erasure && { events: erasure.events.map(textOf), erasedAt: erasure.at }),
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
