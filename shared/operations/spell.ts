import type { Duration } from '../saga/reaction.ts'

const units = { d: 86_400_000, h: 3_600_000, min: 60_000, s: 1_000 } as const

/** A span of milliseconds for people: its largest unit, and at least a second. */
export const spell = (ms: number): string => {
  for (const [unit, size] of Object.entries(units)) if (ms >= size) return `${Math.floor(ms / size)} ${unit}`
  return 'less than 1 s'
}

/** A number of things: `1 message`, `2 messages`. */
export const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`

/** The second of an instant (ms), in UTC. */
export const clockTime = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')

const msPer = { ms: 1, s: 1_000, m: 60_000 } as const

/** The milliseconds of a duration of a reaction table. */
export const msOf = (duration: Duration): number => {
  const [, number = '0', unit = 'ms'] = /^(\d+)(ms|s|m)$/.exec(duration) ?? []
  return Number(number) * msPer[unit as keyof typeof msPer]
}
