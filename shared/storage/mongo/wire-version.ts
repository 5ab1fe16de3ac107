import { MongoCompatibilityError } from 'mongodb'

/** The first wire version of each release of MongoDB; each release speaks all up to the next one's. */
const releases: readonly (readonly [wire: number, release: string])[] = [
  [0, '2.4'],
  [2, '2.6'],
  [3, '3.0'],
  [4, '3.2'],
  [5, '3.4'],
  [6, '3.6'],
  [7, '4.0'],
  [8, '4.2'],
  [9, '4.4'],
  [13, '5.0'],
  [17, '6.0'],
  [21, '7.0'],
  [25, '8.0'],
]

/**
 * What the driver says of a server whose version it cannot speak with, and which release that is; undefined
 * when the error, and whatever caused it, is something else. The text names an address and versions only.
 */
export const unsupported = (error: unknown): string | undefined => {
  for (let one = error; one instanceof Error; one = one.cause)
    if (one instanceof MongoCompatibilityError) return inWords(one.message)
  return undefined
}

const inWords = (message: string): string => {
  const wire = /maximum wire version (\d+)/.exec(message)?.[1]
  const release = releases.findLast(([from]) => from <= Number(wire ?? Number.NaN))?.[1]
  return release === undefined ? message : `${message}; found is MongoDB ${release}`
}
