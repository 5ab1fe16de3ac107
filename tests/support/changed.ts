type Json = Record<string, unknown>

/** A copy of a JSON document with another value in one place, or, without a value, with nothing there. */
export const changed = <D extends object>(document: D, place: readonly string[], value?: unknown): D => {
  const copy = structuredClone(document)
  const parent = place.slice(0, -1).reduce<Json>((at, step) => at[step] as Json, copy as Json)
  const name = place.at(-1) ?? ''
  if (value === undefined) delete parent[name]
  else parent[name] = value
  return copy
}
