const known = new WeakSet<object>()

/**
 * A deep copy that nobody can change, as a database would give it back: properties that are undefined are
 * gone. What is such a copy already is returned as it is.
 */
export const frozen = <T>(value: T): T => freeze(value) as T

const freeze = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || known.has(value)) return value
  const copy = Array.isArray(value) ? value.map(freeze) : freezeFields({ ...value })
  known.add(copy)
  return Object.freeze(copy)
}

/**
 * Freezes the fields of an object that is our own; assigned they stay own fields, also one named `__proto__`.
 */
const freezeFields = (own: Record<string, unknown>): object => {
  for (const key of Object.keys(own)) {
    const field = own[key]
    if (field === undefined) delete own[key]
    else if (typeof field === 'object') own[key] = freeze(field)
  }
  return own
}
