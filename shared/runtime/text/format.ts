const units = { d: 86_400_000, h: 3_600_000, min: 60_000, s: 1_000 } as const

/** A span of milliseconds for people: its largest unit, and at least a second. */
export const formatDuration = (ms: number): string => {
  for (const [unit, size] of Object.entries(units)) if (ms >= size) return `${Math.floor(ms / size)} ${unit}`
  return 'less than 1 s'
}

/** A number of things: `1 message`, `2 messages`. */
export const formatCount = (count: number, thing: string): string =>
  `${count} ${thing}${count === 1 ? '' : 's'}`

/** The first few of these, and how many more there are: `a, b and 3 more`. */
export const formatList = (names: readonly string[], most = 4): string =>
  names.length > most + 1
    ? `${names.slice(0, most).join(', ')} and ${names.length - most} more`
    : names.join(', ')

/** The second of an instant (ms), in UTC. */
export const formatInstant = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
