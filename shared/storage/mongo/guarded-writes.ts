import type { Collection, Document } from 'mongodb'
import { type BatchLimits, coalesced } from '../../runtime/coalesce.ts'
import { isStoreAway } from '../../runtime/errors.ts'
import { duplicateKey, reached, writeError } from './errors.ts'

/** A document whose every write names the version that it read. */
export type Versioned = Document & { _id: string; version: number }

export type WriteOutcome = 'committed' | 'conflict'

/** Update operators on one document; `version` is taken care of. */
export type Operators = {
  readonly $set?: Document
  readonly $unset?: Document
  readonly $push?: Document
}

/**
 * Writes on top of a version. Calls made at the same moment share round trips; each learns its own outcome.
 */
export type GuardedWrites = {
  insert(document: Versioned): Promise<WriteOutcome>
  update(id: string, version: number, operators: Operators): Promise<WriteOutcome>
}

const immutableField = 66

export const guardedWrites = (collection: Collection<Versioned>, sharing: BatchLimits): GuardedWrites => {
  const insert = bulk(sharing, duplicateKey, (documents: readonly Versioned[]) =>
    writeAll(collection, { insert: collection.collectionName, documents }),
  )
  const update = bulk(sharing, immutableField, (updates: readonly Document[]) =>
    writeAll(collection, { update: collection.collectionName, updates }),
  )
  return {
    insert,
    update: (id, version, operators) => update(guarded(id, version, operators)),
  }
}

/**
 * The answer to a bulk of updates only counts how many matched, not which. So that a miss answers for itself,
 * it is made an error with an index: the update is an upsert that can never insert, because an insert would
 * have to change the `_id` of its filter.
 */
const guarded = (_id: string, version: number, { $set, ...others }: Operators): Document => ({
  q: { _id, version },
  u: { ...others, $set: { ...$set, version: version + 1 }, $setOnInsert: { _id: null } },
  upsert: true,
})

/** What the server says of a write that it did not do. */
type WriteError = { readonly index: number; readonly code: number; readonly errmsg?: string }

/**
 * Runs a write command as it is and resolves with the errors of single writes. The bulk builders of the
 * driver (7.8) go over every document twice more, to measure it and to split the bulk; ours are bounded by
 * their sharing.
 * @throws SagaError `store-unavailable` when nobody knows what was done
 */
export const writeAll = async (
  collection: Collection<Versioned>,
  command: Document,
): Promise<WriteError[]> => {
  const { w = 'majority', journal = true } = collection.writeConcern ?? {}
  const answer = await reached(
    collection.db.command({ ...command, ordered: false, writeConcern: { w, j: journal } }),
  )
  return (answer.writeErrors ?? []) as WriteError[]
}

/** What became of one write of a bulk; an error concerns that write alone. */
type Answer = WriteOutcome | Error

/**
 * A function of one write that shares bulks with others; `miss` is the error code by which a write says that
 * its guard failed.
 */
const bulk = <Write>(
  sharing: BatchLimits,
  miss: number,
  send: (writes: readonly Write[]) => Promise<readonly WriteError[]>,
) => {
  const together = coalesced(sharing, (writes: readonly Write[]) => outcomes(writes, miss, send))
  return async (write: Write): Promise<WriteOutcome> => {
    const answer = await together(write)
    if (answer instanceof Error) throw answer
    return answer
  }
}

const outcomes = async <Write>(
  writes: readonly Write[],
  miss: number,
  send: (writes: readonly Write[]) => Promise<readonly WriteError[]>,
): Promise<Answer[]> => {
  try {
    const answers = writes.map((): Answer => 'committed')
    for (const { index, code, errmsg } of await send(writes))
      answers[index] = code === miss ? 'conflict' : writeError(code, errmsg)
    return answers
  } catch (error) {
    return failTogether(writes, error as Error, miss, send)
  }
}

/**
 * When the database is out of reach it is so for all. Anything else, such as what has no BSON form or what is
 * too large together, is the fault of some and may not fail their neighbours: each half goes again by itself,
 * which the guard makes harmless.
 */
const failTogether = async <Write>(
  writes: readonly Write[],
  failure: Error,
  miss: number,
  send: (writes: readonly Write[]) => Promise<readonly WriteError[]>,
): Promise<Answer[]> => {
  if (writes.length === 1 || isStoreAway(failure)) return writes.map(() => failure)
  const half = Math.ceil(writes.length / 2)
  const halves = [writes.slice(0, half), writes.slice(half)]
  return (await Promise.all(halves.map(some => outcomes(some, miss, send)))).flat()
}
