import { randomFillSync, randomInt } from 'node:crypto'

/** Randomness as a port: what is random in production is a seeded choice in a simulation. */
export type Random = {
  /** A whole number from 0 to `below - 1`. */
  int(below: number): number
  /** A name that nobody guesses and nobody else gets: 26 characters of `0-9a-v`. */
  id(): string
}

/**
 * Random bytes that were drawn and not used yet: a call of the operating system costs as much for 4 KiB as
 * for 17 bytes.
 */
const pool = Buffer.alloc(4_096)
let used = pool.length

const drawn = (count: number): Uint8Array => {
  if (used + count > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += count
  return pool.subarray(used - count, used)
}

/** Cryptographic randomness of the operating system. */
export const systemRandom: Random = {
  int: below => randomInt(below),
  id: () => base32(drawn(17)),
}

const alphabet = '0123456789abcdefghijklmnopqrstuv'

/** The first 130 bits as 26 characters of base32hex (RFC 4648), lower case. */
export const base32 = (bytes: Uint8Array): string => {
  let text = ''
  let held = 0
  let bits = 0
  for (let at = 0; text.length < 26; bits -= 5) {
    if (bits < 5) {
      held = ((held & 31) << 8) | (bytes[at++] ?? 0)
      bits += 8
    }
    text += alphabet[(held >> (bits - 5)) & 31]
  }
  return text
}

/**
 * Full jitter: a delay between half and all of `base * 2^attempt`, never above `cap`. Attempts count from 0.
 */
export const backoff = (
  random: Random,
  attempt: number,
  { base, cap }: { base: number; cap: number },
): number => {
  const ceiling = Math.min(cap, base * 2 ** Math.min(attempt, 30))
  return Math.round(ceiling / 2 + random.int(Math.max(1, Math.round(ceiling / 2))))
}
