import type { z } from 'zod'
import type { RefusalCode } from '../refusals.ts'

/** One operation of the public API: routes serve it, and the OpenAPI document says what is written here. */
export type Endpoint = {
  readonly method: 'GET' | 'POST'
  /** `:name` stands for what varies. */
  readonly path: string
  readonly tag: Tag
  readonly summary: string
  readonly description: string
  /** `operators`: nobody else is let in. `anybody`: without a key. Unless set, callers and operators. */
  readonly audience?: 'operators' | 'anybody'
  /** The variable part of the path. */
  readonly parameter?: Parameter & { readonly name: string }
  readonly query?: Readonly<Record<string, Parameter>>
  /** The headers that mean something to it, besides those of HTTP itself. */
  readonly headers?: readonly RequestHeader[]
  readonly body?: { readonly schema: z.ZodType; readonly example: unknown }
  readonly answers: readonly Success[]
  /** Why it may say no, besides what may become of any request. */
  readonly refuses: readonly RefusalCode[]
}

/** What operations are about. */
export type Tag = 'orders' | 'stories' | 'stock' | 'about'

/** A header that a request may have. */
export type RequestHeader = 'Idempotency-Key' | 'Last-Event-ID' | 'traceparent'

/** A parameter in a path or a query: its schema, what it expects in words, and one that is well-formed. */
export type Parameter = {
  readonly schema: z.ZodType
  readonly description: string
  readonly example: string | number
}

/** A yes: a document, a stream of events whose data has one of these shapes, or nothing. */
export type Success = {
  readonly status: number
  readonly description: string
  readonly headers?: readonly 'Location'[]
} & (
  | { readonly schema: z.ZodType; readonly example: unknown }
  | { readonly events: readonly z.ZodType[]; readonly example: string }
  | { readonly empty: true }
)

/** A document as an answer; the compiler holds the example against the schema. */
export const document = <S extends z.ZodType>(
  status: number,
  about: {
    readonly description: string
    readonly schema: S
    readonly example: z.input<S>
    readonly headers?: readonly 'Location'[]
  },
): Success => ({ status, ...about })
