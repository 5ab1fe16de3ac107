import type { z } from 'zod'

/** The id of what a saga is about, such as a trip. Each saga says which ids are its own: `defineSubject`. */
export type SubjectId = string & z.$brand<'SubjectId'>

/** `<subject id>:<service>:<n>`: deterministic, so that work done twice emits the same id twice. */
export type EventId = string & z.$brand<'EventId'>

/** The `n`th event that `service` records about the subject, counted from 1. */
export const eventId = (subject: SubjectId, service: string, n: number): EventId =>
  `${subject}:${service}:${n}` as EventId

/** The service that recorded the event. */
export const serviceOf = (id: EventId): string => id.split(':')[1] ?? ''
