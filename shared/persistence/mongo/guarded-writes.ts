import {
  type AnyBulkWriteOperation,
  type Collection,
  type Document,
  MongoBulkWriteError,
  MongoServerError,
  type WriteError,
} from 'mongodb'
import { coalesced, type Sharing } from '../../runtime/coalesce.ts'
import { hasCode } from '../../runtime/errors.ts'
import { answered, duplicateKey, lacksConcern, storeError } from './errors.ts'

/** A document whose every write names the version that it read. */
export type Versioned = Document & { _id: string; version: number }

export type WriteOutcome = 'committed' | 'conflict'

/** Update operators on one document; `version` is taken care of. */
export type Operators = {
  readonly $set?: Document
  readonly $unset?: Document
  readonly $push?: Document
}

/** Writes on top of a version. Calls made at the same moment share round trips; each learns its own outcome. */
export type GuardedWrites = {
  insert(document: Versioned): Promise<WriteOutcome>
  update(id: string, version: number, operators: Operators): Promise<WriteOutcome>
}

const immutableField = 66

export const guardedWrites = (collection: Collection<Versioned>, sharing: Sharing): GuardedWrites => {
  const insert = bulk(sharing, duplicateKey, (documents: readonly Versioned[]) =>
    collection.insertMany(documents, { ordered: false }),
  )
  const update = bulk(sharing, immutableField, (updates: readonly AnyBulkWriteOperation<Versioned>[]) =>
    collection.bulkWrite(updates, { ordered: false }),
  )
  return {
    insert,
    update: (id, version, operators) => update(guarded(id, version, operators)),
  }
}

/**
 * The answer to a bulk of updates only counts how many matched, not which. So that a miss answers for itself, it is made an error
 * with an index: the update is an upsert that can never insert, because an insert would have to change the `_id` of its filter.
 */
const guarded = (
  _id: string,
  version: number,
  { $set, ...others }: Operators,
): AnyBulkWriteOperation<Versioned> => ({
  updateOne: {
    filter: { _id, version },
    update: { ...others, $set: { ...$set, version: version + 1 }, $setOnInsert: { _id: null } } as Document,
    upsert: true,
  },
})

/** What became of one write of a bulk; an error concerns that write alone. */
type Answer = WriteOutcome | Error

/** A function of one write that shares bulks with others; `miss` is the error code by which a write says that its guard failed. */
const bulk = <Write>(
  sharing: Sharing,
  miss: number,
  send: (writes: readonly Write[]) => Promise<unknown>,
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
  send: (writes: readonly Write[]) => Promise<unknown>,
): Promise<Answer[]> => {
  const answers = writes.map((): Answer => 'committed')
  try {
    await answered(send(writes))
  } catch (error) {
    const failure = writeErrorsOf(error)
    if (failure instanceof Error) return failTogether(writes, failure, miss, send)
    for (const { index, code, errmsg } of failure)
      answers[index] = code === miss ? 'conflict' : refusal(code, errmsg)
  }
  return answers
}

/**
 * When the database is out of reach it is so for all. Anything else, such as what has no BSON form, is one write's own fault and may
 * not fail its neighbours: each goes again by itself, which the guard makes harmless.
 */
const failTogether = async <Write>(
  writes: readonly Write[],
  failure: Error,
  miss: number,
  send: (writes: readonly Write[]) => Promise<unknown>,
): Promise<Answer[]> => {
  if (writes.length === 1 || hasCode(failure, 'store-unavailable')) return writes.map(() => failure)
  return (await Promise.all(writes.map(write => outcomes([write], miss, send)))).flat()
}

// Only errors with an index, and with nothing in doubt about the writes beside them, are an answer. A lost connection comes
// as an error of the bulk without any.
const writeErrorsOf = (error: unknown): readonly WriteError[] | Error => {
  if (!(error instanceof MongoBulkWriteError) || lacksConcern(error)) return storeError(error)
  const errors = [error.writeErrors].flat()
  return errors.length === 0 ? storeError(error) : errors
}

const refusal = (code: number, message: string | undefined): Error =>
  storeError(new MongoServerError({ code, message: message ?? 'a write was refused' }))
