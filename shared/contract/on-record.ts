import type { Recorded } from './event.ts'
import type { Saga } from './saga.ts'
import { applyUpcasts } from './upcast.ts'

/**
 * True for an event whose version this release has or can upcast; a newer release may have recorded others.
 */
export const isKnown = (
  { definitionOf }: Saga,
  { type, version }: Pick<Recorded, 'type' | 'version'>,
): boolean => {
  const definition = definitionOf(type)
  return definition !== undefined && version <= definition.version
}

/**
 * An event on record as this release reads it: upcast when an older one recorded it, as it is when a newer
 * one did, for documents are not migrated. @throws SagaError as `applyUpcasts`
 */
export const asKnown = <E extends Recorded>({ definitionOf, upcasts }: Saga, event: E): E => {
  const newest = definitionOf(event.type)?.version
  if (newest === undefined || event.version >= newest) return event
  return { ...event, version: newest, data: applyUpcasts(upcasts, newest, event) }
}
