/**
 * What is wrong with the version of a server, in words: undefined when it is `least` or later, or none that
 * can be compared. Versions are numbers with dots; what follows them does not count. Pure.
 */
export const tooOld = (server: string, found: unknown, least: string): string | undefined => {
  const [is, needs] = [numbersOf(found), numbersOf(least)]
  if (is.length === 0) return undefined
  const place = needs.findIndex((number, i) => (is[i] ?? 0) !== number)
  if (place < 0 || (is[place] ?? 0) > (needs[place] ?? 0)) return undefined
  return `${server} ${found} was found, ${least} or later is needed`
}

const numbersOf = (version: unknown): number[] =>
  typeof version === 'string' ? (/^\d+(?:\.\d+)*/.exec(version)?.[0].split('.').map(Number) ?? []) : []
