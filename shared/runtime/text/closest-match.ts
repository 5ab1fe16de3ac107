/**
 * The candidate that takes the fewest single-character changes to become `word`; undefined when that is more
 * than a third of it.
 */
export const closestMatch = (word: string, candidates: Iterable<string>): string | undefined => {
  let best: string | undefined
  let least = Math.floor(word.length / 3) + 1
  for (const candidate of candidates) {
    const changes = distance(word, candidate)
    if (changes < least) [best, least] = [candidate, changes]
  }
  return best
}

// Levenshtein, one row of the table at a time.
const distance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, j) => j)
  for (const [i, character] of [...from].entries()) {
    const next = [i + 1]
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (character === to[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
