/** What a read model keeps of each order. `newest` is a text by which the newest order sorts first. */
export type ModelDocument = { readonly orderId: string; readonly version: number; readonly newest: string }

/** Texts between two others, without them. */
export type TextRange = { readonly after?: string | undefined; readonly before?: string | undefined }

/**
 * Which documents: text fields, or members of fields that hold several, that are equal, and text fields
 * within ranges. A range of the field that sorts also cuts a page out of them.
 */
export type ListQuery = {
  readonly equal: Readonly<Record<string, string>>
  readonly within?: Readonly<Record<string, TextRange>>
  /** A text field that is its document's own; `newest`, ascending, unless set. Who lacks it is not listed. */
  readonly sort?: { readonly by: string; readonly descending: boolean }
  readonly limit: number
}

/** How lists are sorted when nobody says how. */
export const usualSort = { by: 'newest', descending: false } as const

/** The fields of an index, which lists choose by; the last one sorts. */
export type ListIndex = readonly string[]

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
