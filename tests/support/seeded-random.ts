import { base32, type Random } from '../../shared/runtime/random.ts'

/**
 * The same numbers for the same seed: mulberry32, a 32-bit generator in the public domain (Tommy Ettinger).
 */
export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  return {
    int: below => next() % below,
    id: () => base32(Uint8Array.from({ length: 17 }, () => next() & 255)),
  }
}
