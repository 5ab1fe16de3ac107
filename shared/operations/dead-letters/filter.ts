import type { ErrorDetail } from '../../runtime/error-report.ts'
import type { DeadLetter } from './dead-letter.ts'

/**
 * Which dead letters are meant: those to which all that is given applies. Ages are in milliseconds since the dead
 * letter was parked.
 */
export type DeadLetterFilter = {
  readonly messageId?: string
  readonly subject?: string
  readonly type?: string
  readonly reason?: string
  readonly errorAt?: string
  readonly olderThan?: number
  readonly newerThan?: number
}

/** Whether the filter means this dead letter. Pure. */
export const matches = (
  { messageId, subject, type, reason, errorAt, olderThan, newerThan }: DeadLetterFilter,
  deadLetter: DeadLetter,
): boolean =>
  (messageId === undefined || deadLetter.messageId === messageId || hasEvent(deadLetter, messageId)) &&
  (subject === undefined || deadLetter.subject === subject || isAbout(deadLetter, subject)) &&
  (type === undefined || deadLetter.type === type) &&
  (reason === undefined || deadLetter.reason === reason) &&
  (errorAt === undefined || deadLetter.errorAt === errorAt) &&
  (olderThan === undefined || deadLetter.age > olderThan) &&
  (newerThan === undefined || deadLetter.age < newerThan)

const hasEvent = ({ events }: DeadLetter, wanted: string) => events.some(({ id }) => id === wanted)
const isAbout = ({ events }: DeadLetter, wanted: string) => events.some(({ subject }) => subject === wanted)

/** Letters that have the same cause: what to fix once. `error` is what the newest of them says. */
export type DeadLetterGroup = ErrorDetail & {
  readonly service: string
  readonly reason: string
  readonly type: string
  readonly count: number
  readonly subjects: number
  /** Ages in ms. */
  readonly oldest: number
  readonly newest: number
  /** One of them, to look at. */
  readonly example: string
}

/**
 * The dead letters by service, type and fault, the largest group first: a fault is a reason and where it came
 * from. Pure.
 */
export const group = (deadLetters: readonly DeadLetter[]): DeadLetterGroup[] => {
  const groups = new Map<string, DeadLetter[]>()
  for (const deadLetter of deadLetters) {
    const key = JSON.stringify([deadLetter.service, deadLetter.reason, deadLetter.errorAt, deadLetter.type])
    groups.set(key, [...(groups.get(key) ?? []), deadLetter])
  }
  return [...groups.values()].flatMap(summary).sort((a, b) => b.count - a.count)
}

const summary = (deadLetters: readonly DeadLetter[]): DeadLetterGroup[] => {
  const [first] = deadLetters
  if (!first) return []
  const ages = deadLetters.map(({ age }) => age)
  const subjects = new Set(
    deadLetters.flatMap(({ events, subject }) => subject ?? events.map(one => one.subject)),
  )
  const { service, reason, type, messageId, errorAt } = first
  const { error } = deadLetters.reduce((newest, one) => (one.age < newest.age ? one : newest))
  return [
    {
      ...{ service, reason, type, example: messageId, count: deadLetters.length, subjects: subjects.size },
      ...{ oldest: Math.max(...ages), newest: Math.min(...ages) },
      ...(error !== undefined && { error }),
      ...(errorAt !== undefined && { errorAt }),
    },
  ]
}
