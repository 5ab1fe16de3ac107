import { eventsOf } from '../../shared/contract/event.ts'
import { eventOwners } from '../registry.ts'

/** Defines events and notes of the services that may publish; the first word of a type says whose it is. */
export const { defineEvent, defineNote } = eventsOf(eventOwners)
