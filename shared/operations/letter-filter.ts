import type { Letter } from './letter.ts'

/** Which letters are meant: those to which all that is given applies. Ages are in milliseconds since the letter was parked. */
export type LetterFilter = {
  readonly messageId?: string
  readonly subject?: string
  readonly type?: string
  readonly reason?: string
  readonly olderThan?: number
  readonly newerThan?: number
}

/** Whether the filter means this letter. Pure. */
export const matches = (
  { messageId, subject, type, reason, olderThan, newerThan }: LetterFilter,
  letter: Letter,
): boolean =>
  (messageId === undefined || letter.messageId === messageId || hasEvent(letter, messageId)) &&
  (subject === undefined || letter.subject === subject || isAbout(letter, subject)) &&
  (type === undefined || letter.type === type) &&
  (reason === undefined || letter.reason === reason) &&
  (olderThan === undefined || letter.age > olderThan) &&
  (newerThan === undefined || letter.age < newerThan)

const hasEvent = ({ events }: Letter, wanted: string) => events.some(({ id }) => id === wanted)
const isAbout = ({ events }: Letter, wanted: string) => events.some(({ subject }) => subject === wanted)

/** Letters that have the same cause: what to mend once. */
export type LetterGroup = {
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

/** The letters by service, reason and type, the largest group first. Pure. */
export const group = (letters: readonly Letter[]): LetterGroup[] => {
  const groups = new Map<string, Letter[]>()
  for (const letter of letters) {
    const key = JSON.stringify([letter.service, letter.reason, letter.type])
    groups.set(key, [...(groups.get(key) ?? []), letter])
  }
  return [...groups.values()].flatMap(summary).sort((a, b) => b.count - a.count)
}

const summary = (letters: readonly Letter[]): LetterGroup[] => {
  const [first] = letters
  if (!first) return []
  const ages = letters.map(({ age }) => age)
  const subjects = new Set(
    letters.flatMap(({ events, subject }) => subject ?? events.map(one => one.subject)),
  )
  const { service, reason, type, messageId } = first
  return [
    {
      ...{ service, reason, type, example: messageId, count: letters.length, subjects: subjects.size },
      ...{ oldest: Math.max(...ages), newest: Math.min(...ages) },
    },
  ]
}
