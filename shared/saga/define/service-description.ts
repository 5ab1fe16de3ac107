import type { PrivateEndpoints } from '../../runtime/http/private-port.ts'

/** The number of a line in docs/invariants.md. */
export type InvariantId = `I${number}`

/**
 * What a subject is to a service in one state: in words, and which of its own facts leads from there to which
 * state.
 */
export type StateOf<Status extends string> = {
  readonly means: string
  readonly next?: Readonly<Record<string, Status>>
}

/**
 * What the tables of a service do not say of it. Its page is made of both, and tests hold every line of this
 * against the service.
 */
export type ServiceDescription<S extends { readonly status: string } = { readonly status: string }> = {
  /** The states of its document; absent when it decides nothing. */
  readonly states?: { readonly [Status in S['status']]: StateOf<S['status']> }
  /** Its collections, and what a document of each holds. */
  readonly stores: Readonly<Record<string, string>>
  /** What its private port answers besides what every one does. */
  readonly endpoints?: PrivateEndpoints
  /** The invariants that it holds, besides those that the kernel holds for every service that reacts. */
  readonly promises: readonly InvariantId[]
}

/** What the kernel holds for every service that reacts. */
export const kernelPromises: readonly InvariantId[] = [
  ...(['I11', 'I12', 'I13', 'I14', 'I16', 'I17', 'I18', 'I19', 'I20'] as const),
  ...(['I21', 'I22', 'I23', 'I24', 'I25', 'I34', 'I35', 'I36'] as const),
]
