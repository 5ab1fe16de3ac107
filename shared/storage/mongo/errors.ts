import { BSON, MongoError, MongoServerError } from 'mongodb'
import { SagaError } from '../../runtime/errors.ts'
import { type Clock, systemClock, within } from '../../runtime/time/clock.ts'
import { unsupported } from './wire-version.ts'

/** The server's code for an insert whose `_id` is there already. */
export const duplicateKey = 11_000

// What the server says of one document that it can never hold as it would become: wrong values and fields, a
// damaged document, too large, nested too deep, refused by a validator.
const ofOneDocument = new Set([
  2, 9, 14, 15, 22, 28, 40, 52, 54, 55, 56, 57, 66, 121, 10334, 17280, 17419, 17420,
])

// Of a whole command most of these speak of what the server is or how it is set up, and only these of what it
// was given.
const ofWhatWasGiven = new Set([15, 22, 10334, 17419, 17420])

const refused = (error: Error): SagaError =>
  new SagaError('document-refused', reasonOf(error), { retry: 'never', cause: error })

// Not the text, which may quote the document.
const reasonOf = (error: Error): string =>
  error instanceof MongoServerError
    ? `${error.name} ${error.code ?? ''} ${error.codeName ?? ''}`.trim()
    : error.name

/**
 * What an error of the driver means: `document-refused` when what was given has no stored form, and
 * `store-unavailable` for everything else, what is not known included, because a wrong guess there costs a
 * wait, and here an event (`server-unsupported` when its version is why). What is no error of the driver
 * stays as it is.
 */
export const storeError = (error: unknown): Error => {
  if (!(error instanceof Error)) return new Error('the driver threw what is not an error', { cause: error })
  if (error instanceof BSON.BSONError) return refused(error)
  if (!(error instanceof MongoError)) return error
  if (error instanceof MongoServerError && ofWhatWasGiven.has(Number(error.code))) return refused(error)
  const version = unsupported(error)
  return version === undefined
    ? new SagaError('store-unavailable', reasonOf(error), { cause: error })
    : new SagaError('server-unsupported', version, { cause: error })
}

/** What the server says of one write among others, as an error of ours. */
export const writeError = (code: number, message: string | undefined): Error => {
  const error = new MongoServerError({ code, message: message ?? 'a write was refused' })
  return ofOneDocument.has(code) ? refused(error) : storeError(error)
}

/**
 * Longer than the driver's own time-outs. They do not cover a command that is written in the moment in which
 * its connection closes: the driver (7.8) then waits without end for the closed socket to drain.
 */
const patienceMs = 15_000

/**
 * The same work; it fails with `store-unavailable` when there is no answer after 15 s, and with the driver's
 * error before.
 */
export const answered = async <T>(work: Promise<T>, clock: Clock = systemClock): Promise<T> => {
  const first = await within(clock, patienceMs, work)
  if (first !== 'late') return first.value
  throw new SagaError('store-unavailable', `no answer in ${patienceMs / 1_000} s`)
}

/** The same work; it fails with `store-unavailable` when nobody knows whether it was done. */
export const reached = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await answered(work)
  } catch (error) {
    throw storeError(error)
  }
}
