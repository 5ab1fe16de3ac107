import type { LogEntry, LogHead, WritableEventLog } from '../../event-store/event-log.ts'
import { frozen } from './frozen.ts'

/** A log that is gone with the process. */
export const memoryEventLog = (): WritableEventLog => {
  const entries: LogEntry[] = []
  const positions = new Map<string, number>()
  let journal: LogHead['journal']
  const append: WritableEventLog['append'] = async (head, added, upTo) => {
    const fresh = added.every(({ id }) => !positions.has(id))
    if (head.position !== entries.length || !fresh) return 'conflict'
    for (const entry of added) {
      const position = entries.length + 1
      entries.push(frozen({ ...entry, position }))
      positions.set(entry.id, position)
    }
    journal = upTo
    return 'appended'
  }
  return {
    append,
    head: async () => ({ position: entries.length, journal }),
    read: async (after, limit) => entries.slice(after, after + limit),
    readTypes: async (types, after, limit) =>
      entries
        .slice(after)
        .filter(({ type }) => types.includes(type))
        .slice(0, limit),
    readSubject: async (subject, upTo = entries.length) =>
      entries.slice(0, upTo).filter(entry => entry.subject === subject),
    known: async ids => new Set(ids.filter(id => positions.has(id))),
    positionAt: async ms => entries.findLast(({ at }) => Date.parse(at) <= ms)?.position ?? 0,
  }
}
