/** What a read model keeps of each order. `newest` is a text by which the newest order sorts first. */
export type ModelDocument = { readonly orderId: string; readonly version: number; readonly newest: string }

/**
 * Which documents: text fields, or members of fields that hold several, that are equal; `after` and the limit
 * cut a page out of them.
 */
export type ListQuery = {
  readonly equal: Readonly<Record<string, string>>
  /** Only what sorts after this. */
  readonly after?: string | undefined
  readonly limit: number
}

/**
 * One generation of a read model. Every call may fail with `store-unavailable`, and then nobody knows whether
 * it was done.
 */
export type ReadModel<D extends ModelDocument> = {
  /** In the order of the ids. */
  load(orderIds: readonly string[]): Promise<(D | undefined)[]>
  /**
   * Writes each document on top of the version that it has (0 inserts it), with the next version. `conflict`:
   * somebody else wrote first; an error: this document alone was refused.
   */
  save(documents: readonly D[]): Promise<('saved' | 'conflict' | Error)[]>
  /** Sorted by `newest`. */
  list(query: ListQuery): Promise<D[]>
  /** Every document in order of its id, page by page. */
  page(after: string | undefined, limit: number): Promise<D[]>
}

/** Small values by name, each with a version. */
export type Register = {
  read(name: string): Promise<{ readonly version: number; readonly value: unknown } | undefined>
  /** Writes on top of a version (0 inserts). */
  write(name: string, version: number, value: unknown): Promise<'written' | 'conflict'>
  /**
   * Writes whatever is there, and leaves its version (1 for a new one): what is guarded elsewhere is not for
   * it.
   */
  put(name: string, value: unknown): Promise<void>
}

/** Where the generations of a read model are kept, by name. */
export type ReadModels<D extends ModelDocument> = {
  /** Makes it ready to be written and listed; harmless when it is. */
  prepare(name: string): Promise<void>
  model(name: string): ReadModel<D>
  /** Removes it with everything in it; harmless when it is not there. */
  drop(name: string): Promise<void>
  readonly register: Register
}
