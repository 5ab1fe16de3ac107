import type { Saga } from '../../contract/saga.ts'

const other = 'other'

/** An event type as a label: those of the saga, and `other` for whatever else came. */
export const typeLabel = ({ definitionOf }: Saga, type: string | undefined): string =>
  type !== undefined && definitionOf(type) ? type : other

/**
 * A label of whatever values come first, at most `limit` of them (50 unless set); later ones count as
 * `other`.
 */
export const bounded = (limit = 50): ((value: string) => string) => {
  const known = new Set<string>()
  return value => {
    if (!known.has(value) && known.size >= limit) return other
    known.add(value)
    return value
  }
}
