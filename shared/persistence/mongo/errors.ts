import {
  MongoClientClosedError,
  MongoError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
  MongoWriteConcernError,
} from 'mongodb'
import { type Clock, systemClock, within } from '../../runtime/clock.ts'
import { SagaError } from '../../runtime/errors.ts'

/** Nobody knows whether it was done, or it was done and its safety is not known. */
const unknown = [
  MongoNetworkError,
  MongoServerSelectionError,
  MongoNotConnectedError,
  MongoTopologyClosedError,
  MongoClientClosedError,
  MongoOperationTimeoutError,
  MongoWriteConcernError,
]

/** The server's code for an insert whose `_id` is there already. */
export const duplicateKey = 11_000

// Server codes that speak of the server's condition and not of the command: no primary, stepping down, shutting down, a wait
// that took too long, a full disk, a majority that did not answer.
const condition = new Set([
  6, 7, 24, 50, 64, 89, 91, 112, 133, 134, 189, 262, 9001, 10107, 11600, 11601, 11602, 13435, 13436, 14031,
])

const isCondition = (error: MongoError): boolean =>
  unknown.some(kind => error instanceof kind) ||
  error.hasErrorLabel('RetryableWriteError') ||
  error.hasErrorLabel('RetryableError') ||
  error.name === 'MongoWaitQueueTimeoutError' ||
  (error instanceof MongoServerError && typeof error.code === 'number' && condition.has(error.code))

/** `store-unavailable` for what says that nobody knows whether it was done; any other error as it is. */
export const storeError = (error: unknown): Error => {
  if (!(error instanceof Error)) return new Error('the driver threw what is not an error', { cause: error })
  if (!(error instanceof MongoError) || !isCondition(error)) return error
  return new SagaError('store-unavailable', error.name, { cause: error })
}

/**
 * Longer than the driver's own time-outs. They do not cover a command that is written in the moment in which its connection
 * closes: the driver (7.8) then waits without end for the closed socket to drain.
 */
const patienceMs = 15_000

/** The same work; it fails with `store-unavailable` when there is no answer after 15 s, and with the driver's error before. */
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
