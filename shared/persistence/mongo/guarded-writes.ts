import {
  type AnyBulkWriteOperation,
  type Collection,
  type Document,
  MongoBulkWriteError,
  MongoServerError,
  type WriteError,
} from 'mongodb'
import { coalesced, type Sharing } from '../coalesce.ts'
import { lacksConcern, storeError } from './errors.ts'

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

const duplicateKey = 11_000
const immutableField = 66

export const guardedWrites = (collection: Collection<Versioned>, sharing: Sharing): GuardedWrites => {
  const insert = coalesced(sharing, (documents: readonly Versioned[]) =>
    outcomes(documents.length, duplicateKey, collection.insertMany(documents, { ordered: false })),
  )
  const update = coalesced(sharing, (updates: readonly AnyBulkWriteOperation<Versioned>[]) =>
    outcomes(updates.length, immutableField, collection.bulkWrite(updates, { ordered: false })),
  )
  return {
    insert: async document => known(await insert(document)),
    update: async (id, version, operators) => known(await update(guarded(id, version, operators))),
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

const known = (answer: Answer): WriteOutcome => {
  if (answer instanceof Error) throw answer
  return answer
}

const outcomes = async (count: number, miss: number, bulk: Promise<unknown>): Promise<Answer[]> => {
  const answers = Array.from({ length: count }, (): Answer => 'committed')
  try {
    await bulk
  } catch (error) {
    for (const { index, code, errmsg } of writeErrorsOf(error))
      answers[index] = code === miss ? 'conflict' : refusal(code, errmsg)
  }
  return answers
}

// Only errors with an index, and with nothing in doubt about the writes beside them, are an answer. A lost connection comes
// as an error of the bulk without any.
const writeErrorsOf = (error: unknown): WriteError[] => {
  if (!(error instanceof MongoBulkWriteError) || lacksConcern(error)) throw storeError(error)
  const errors = [error.writeErrors].flat()
  if (errors.length === 0) throw storeError(error)
  return errors
}

const refusal = (code: number, message: string | undefined): Error =>
  storeError(new MongoServerError({ code, message: message ?? 'a write was refused' })) as Error
