/** What stands for every value of a label above its limit. */
export const otherLabel = 'other'

/**
 * A label of whatever values come first, at most `limit` of them (50 unless set); later ones count as
 * `other`.
 */
export const bounded = (limit = 50): ((value: string) => string) => {
  const known = new Set<string>()
  return value => {
    if (known.has(value)) return value
    if (known.size >= limit) return otherLabel
    known.add(value)
    return value
  }
}

type Labels = Readonly<Record<string, string>>

/**
 * The labels of one figure, each bounded: a series costs memory here and in whatever scrapes it, for ever.
 */
export const boundedLabels = (names: readonly string[]): ((given: Labels) => Record<string, string>) => {
  const limits = names.map(name => [name, bounded()] as const)
  return given => {
    const kept: Record<string, string> = {}
    for (const [name, limit] of limits) {
      const value = given[name]
      if (value !== undefined) kept[name] = limit(value)
    }
    return kept
  }
}
