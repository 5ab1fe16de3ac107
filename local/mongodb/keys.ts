import { compare, type Doc, type Value } from './value.ts'

/** One component of an index or sort key; undefined stands for an empty array, the lowest of all; missing is null. */
export type Key = Value | undefined

/** The keys of a path in a document, whether the path exists, and whether an array gave several. */
export type Keys = { values: Key[]; exists: boolean; multikey: boolean }

/** The values an index on `path` holds for the document: array elements one by one. */
export const keysOf = (document: Doc, path: string): Keys => {
  const keys: Keys = { values: [], exists: false, multikey: false }
  collect(document, path.split('.'), 0, keys)
  return keys
}

const collect = (value: Value | undefined, at: string[], depth: number, keys: Keys): void => {
  const name = at[depth]
  if (name === undefined || value === undefined) add(value, keys)
  else if (value instanceof Map) collect(value.get(name), at, depth + 1, keys)
  else if (!Array.isArray(value)) add(undefined, keys)
  else if (/^\d+$/.test(name)) collectIndexed(value, name, at, depth, keys)
  else collectElements(value, at, depth, keys)
}

// A number in a path means an element, or the field of that name in any element.
const collectIndexed = (elements: Value[], name: string, at: string[], depth: number, keys: Keys): void => {
  collect(elements[Number(name)], at, depth + 1, keys)
  const named = elements.filter(element => element instanceof Map && element.has(name))
  if (named.length > 0) collectElements(named, at, depth, keys)
}

const collectElements = (elements: Value[], at: string[], depth: number, keys: Keys): void => {
  keys.multikey = true
  if (elements.length === 0) add(undefined, keys)
  for (const element of elements) collect(element instanceof Map ? element : undefined, at, depth, keys)
}

const add = (value: Value | undefined, keys: Keys): void => {
  keys.exists ||= value !== undefined
  if (!Array.isArray(value)) {
    keys.values.push(value ?? null)
    return
  }
  keys.multikey = true
  if (value.length === 0) keys.values.push(undefined)
  else keys.values.push(...value)
}

/** The order of two documents under a sort specification: an array counts by its lowest element, descending by its highest. */
export const documentOrder = (sort: Doc): ((a: Doc, b: Doc) => number) => {
  const parts = [...sort].map(([path, direction]) => ({ path, sign: Math.sign(Number(direction)) }))
  return (a, b) => {
    for (const { path, sign } of parts) {
      const order = sign * compare(best(keysOf(a, path), sign), best(keysOf(b, path), sign))
      if (order !== 0) return order
    }
    return 0
  }
}

const best = ({ values }: Keys, sign: number): Key =>
  values.reduce((kept, value) => (sign * compare(value, kept) < 0 ? value : kept))
