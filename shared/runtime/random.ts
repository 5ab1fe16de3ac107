import { randomBytes, randomInt } from 'node:crypto'

/** Randomness as a port: what is random in production is a seeded choice in a simulation. */
export type Random = {
  /** A whole number from 0 to `below - 1`. */
  int(below: number): number
  /** A name that nobody guesses and nobody else gets: 26 characters of `0-9a-v`. */
  id(): string
}

/** Cryptographic randomness of the operating system. */
export const systemRandom: Random = {
  int: below => randomInt(below),
  id: () => base32(randomBytes(17)),
}

const alphabet = '0123456789abcdefghijklmnopqrstuv'

/** The first 130 bits as 26 characters of base32hex (RFC 4648), lower case. */
export const base32 = (bytes: Uint8Array): string => {
  let bits = 0n
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte)
  const top = bits >> BigInt(bytes.length * 8 - 130)
  return Array.from({ length: 26 }, (_, i) => alphabet[Number((top >> BigInt(5 * (25 - i))) & 31n)]).join('')
}

/** Full jitter: a delay between half and all of `base * 2^attempt`, never above `cap`. Attempts count from 0. */
export const backoff = (
  random: Random,
  attempt: number,
  { base, cap }: { base: number; cap: number },
): number => {
  const ceiling = Math.min(cap, base * 2 ** Math.min(attempt, 30))
  return Math.round(ceiling / 2 + random.int(Math.max(1, Math.round(ceiling / 2))))
}
