import { playStuck } from './stuck.ts'

/**
 * Plays schedules about stuck refunds in a process of its own: `stuck-worker.js COUNT`. Writes the first seed
 * that shows something wrong as one line of JSON, or null.
 */
const firstFound = async (count: number): Promise<number | null> => {
  for (let seed = 1; seed <= count; seed++) if ((await playStuck(seed, new Map())).violation) return seed
  return null
}

process.stdout.write(`${JSON.stringify(await firstFound(Number(process.argv[2])))}\n`)
