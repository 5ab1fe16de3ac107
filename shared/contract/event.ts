import type { z } from 'zod'
import { issuesText, SagaError } from '../runtime/errors.ts'
import type { EventId, SubjectId } from './ids.ts'

/**
 * Something that is decided and not yet on record. A note is a fact that stays at home: it is stored and
 * never published.
 */
export type Fact<T extends string = string, D = unknown, N extends boolean = boolean> = {
  readonly type: T
  readonly version: number
  readonly data: D
  readonly note: N
}

/**
 * A fact on record: it has an id, a subject, a time (RFC 3339), and the id of the event that caused it, if
 * any.
 */
export type Recorded<F extends Fact = Fact> = F & {
  readonly id: EventId
  readonly subject: SubjectId
  readonly at: string
  readonly cause?: EventId
  readonly traceparent?: string
}

/** A fact on record that leaves its service. */
export type Event = Recorded<Fact<string, unknown, false>>

/** What is known of an event on record besides what it says. */
export type EventHeader = Omit<Recorded, 'data' | 'note'>

/** What a definition knows of its facts. */
export type AnyDefinition = {
  readonly type: string
  readonly version: number
  readonly schema: z.ZodType
  readonly note: boolean
  /** The only service that may publish it. */
  readonly owner: string
  /** True when it ends the saga, so that nobody has to consume it. */
  readonly terminal: boolean
}

/** A definition is also the constructor of its facts. */
export type Definition<T extends string, S extends z.ZodType, N extends boolean> = AnyDefinition & {
  (data: z.input<S>): Fact<T, z.output<S>, N>
  readonly type: T
  readonly schema: S
  readonly note: N
}

/** The recorded event that a definition describes. */
export type EventOf<D> =
  D extends Definition<infer T, infer S, infer N> ? Recorded<Fact<T, z.output<S>, N>> : never

const define = <T extends string, S extends z.ZodType, N extends boolean>(about: {
  type: T
  version: number
  schema: S
  note: N
  owner: string
  terminal: boolean
}): Definition<T, S, N> => {
  const { type, version, note } = about
  const construct = (data: z.input<S>): Fact<T, z.output<S>, N> => ({
    type,
    version,
    data: checked(about, data),
    note,
  })
  return Object.assign(construct, about)
}

/**
 * The data as its schema returns it; `from` is the version that they had before they were upcast to it.
 * Throws `event-invalid` (never retried) with the paths that are wrong, not with their values: those may be
 * secrets.
 */
export const checked = <S extends z.ZodType>(
  definition: { type: string; version: number; schema: S },
  data: unknown,
  from = definition.version,
): z.output<S> => {
  const result = definition.schema.safeParse(data)
  if (result.success) return result.data
  const { type, version } = definition
  const lifted = from === version ? '' : `, upcast from v${from} by its upcasts`
  throw new SagaError('event-invalid', `${type} v${version}${lifted}: ${issuesText(result.error.issues)}`, {
    retry: 'never',
  })
}

/**
 * What defines the events and notes of a saga whose services publish under these words: `{ flight: 'airline'
 * }` has airline own each `flight.<past fact>`. A type with another first word does not compile.
 */
export const eventsOf = <const O extends Readonly<Record<string, string>>>(owners: O) => {
  type FactType = `${keyof O & string}.${string}`
  const ownerOf = (type: FactType): string => owners[type.slice(0, type.indexOf('.'))] ?? ''
  return {
    /**
     * An event: published by its owner under its type as routing key. `terminal` says that it ends the saga.
     */
    defineEvent: <T extends FactType, S extends z.ZodType>(
      type: T,
      version: number,
      schema: S,
      { terminal = false }: { terminal?: boolean } = {},
    ): Definition<T, S, false> =>
      define({ type, version, schema, note: false as const, owner: ownerOf(type), terminal }),
    /**
     * A note: a state change that concerns only its own service, kept in the same stream so that state is
     * always its fold.
     */
    defineNote: <T extends FactType, S extends z.ZodType>(
      type: T,
      version: number,
      schema: S,
    ): Definition<T, S, true> =>
      define({ type, version, schema, note: true as const, owner: ownerOf(type), terminal: false }),
  }
}

/**
 * Marks a field that must never reach a log, a listing or an error. `erased` is what takes its place when it
 * is to be forgotten: a value that says nothing and that the schema takes, so that an erased event is still
 * one of its type. Throws when the schema does not take it.
 */
export const sensitive = <S extends z.ZodType>(schema: S, erased: z.input<S>): S =>
  schema.meta({ 'x-sensitive': true, 'x-erased': schema.parse(erased) })
