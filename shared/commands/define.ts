import type { z } from 'zod'

/** What commands and queries have in common. */
type Definition = {
  /** `place-order`; no other one has it. */
  readonly name: string
  /** What it is about, such as the id of an order, if it is about something that there is. */
  readonly subject?: z.ZodType
  /** What it says besides, if it says anything. */
  readonly schema?: z.ZodType
  /** Gives the answer its type. It is not parsed: the compiler holds the handler to it. */
  readonly answer: z.ZodType
}

/** Something that shall be done. `repeat` says what makes it safe to send it again. */
export type CommandDefinition = Definition & {
  /**
   * `same-answer`: under the same id it is done once, and its answer is on record. `harmless`: doing it again
   * changes nothing.
   */
  readonly repeat: 'same-answer' | 'harmless'
}

/** Something that is asked and changes nothing. */
export type QueryDefinition = Definition

/** A command as it is written down. */
export const defineCommand = <const D extends CommandDefinition>(definition: D): D => definition

/** A query as it is written down. */
export const defineQuery = <const D extends QueryDefinition>(definition: D): D => definition

/** What a handler gets of it, parsed. */
export type ContentOf<D extends Definition> = {
  readonly subject: D extends { readonly subject: infer S extends z.ZodType } ? z.output<S> : undefined
  readonly content: D extends { readonly schema: infer S extends z.ZodType } ? z.output<S> : undefined
}

/** What it is answered with. */
export type AnswerOf<D extends Definition> = z.output<D['answer']>
