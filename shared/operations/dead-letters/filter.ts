import type { ErrorDetail } from '../../runtime/error-report.ts'
import type { DeadLetter } from './dead-letter.ts'

/**
 * Which letters are meant: those to which all that is given applies. Ages are in milliseconds since the dead
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
  letter: DeadLetter,
): boolean =>
  (messageId === undefined || letter.messageId === messageId || hasEvent(letter, messageId)) &&
  (subject === undefined || letter.subject === subject || isAbout(letter, subject)) &&
  (type === undefined || letter.type === type) &&
  (reason === undefined || letter.reason === reason) &&
  (errorAt === undefined || letter.errorAt === errorAt) &&
  (olderThan === undefined || letter.age > olderThan) &&
  (newerThan === undefined || letter.age < newerThan)

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
export const group = (letters: readonly DeadLetter[]): DeadLetterGroup[] => {
  const groups = new Map<string, DeadLetter[]>()
  for (const letter of letters) {
    const key = JSON.stringify([letter.service, letter.reason, letter.errorAt, letter.type])
    groups.set(key, [...(groups.get(key) ?? []), letter])
  }
  return [...groups.values()].flatMap(summary).sort((a, b) => b.count - a.count)
}

const summary = (letters: readonly DeadLetter[]): DeadLetterGroup[] => {
  const [first] = letters
  if (!first) return []
  const ages = letters.map(({ age }) => age)
  const subjects = new Set(
    letters.flatMap(({ events, subject }) => subject ?? events.map(one => one.subject)),
  )
  const { service, reason, type, messageId, errorAt } = first
  const { error } = letters.reduce((newest, one) => (one.age < newest.age ? one : newest))
  return [
    {
      ...{ service, reason, type, example: messageId, count: letters.length, subjects: subjects.size },
      ...{ oldest: Math.max(...ages), newest: Math.min(...ages) },
      ...(error !== undefined && { error }),
      ...(errorAt !== undefined && { errorAt }),
    },
  ]
}
