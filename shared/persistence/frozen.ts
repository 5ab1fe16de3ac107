const known = new WeakSet<object>()

/**
 * A deep copy that nobody can change, as a database would give it back: properties that are undefined are gone.
 * What is such a copy already is returned as it is.
 */
export const frozen = <T>(value: T): T => freeze(value) as T

const freeze = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || known.has(value)) return value
  const copy = Array.isArray(value) ? value.map(freeze) : freezeFields(value)
  known.add(copy)
  return Object.freeze(copy)
}

const freezeFields = (value: object): object => {
  const fields: [string, unknown][] = []
  for (const [key, field] of Object.entries(value)) if (field !== undefined) fields.push([key, freeze(field)])
  return Object.fromEntries(fields)
}
