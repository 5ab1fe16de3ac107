import { z } from 'zod'
import type { Subject } from './subject.ts'

/** An event of a saga as it travels; its definition says what `data` has. */
export const cloudEventOf = ({ Id, EventId }: Subject) =>
  z.object({
    specversion: z.literal('1.0'),
    id: EventId,
    source: z.string().max(200),
    type: z.string().max(100),
    time: z.iso.datetime(),
    subject: Id,
    correlationid: Id,
    causationid: EventId.optional(),
    dataversion: z.int().min(1).max(1000),
    traceparent: z.string().max(100).optional(),
    data: z.unknown(),
  })

/** A notice of a service of the saga as it travels; its kind says what `data` has. */
export const cloudNoticeOf = ({ Id, EventId }: Subject) =>
  z.object({
    specversion: z.literal('1.0'),
    id: z.string().min(1).max(200),
    source: z.string().max(200),
    type: z.string().max(100),
    time: z.iso.datetime(),
    /** Absent when what was parked could not be decoded. */
    subject: Id.optional(),
    /** The event that it is about. */
    causationid: EventId.optional(),
    /** The type of that event. */
    causationtype: z.string().max(100).optional(),
    data: z.unknown(),
  })
