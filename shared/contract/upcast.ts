import { codeOf, SagaError } from '../runtime/errors.ts'

/**
 * Upcasts the data of one old version to the next. It changes nothing that it was given, and the same data
 * always become the same.
 */
export type Upcast = (data: Record<string, unknown>) => Record<string, unknown>

/** By type, then by the version that is upcast to the next one. */
export type Upcasts = Readonly<Record<string, Readonly<Record<number, Upcast>>>>

/** The data of an event in the version that it has now. */
export type Versioned = { readonly type: string; readonly version: number; readonly data: unknown }

/**
 * The data in the version `newest`, by one upcast after the other; as they are when they have it. Nothing
 * checks what comes out but its schema. @throws SagaError `event-unknown` when an upcast is missing,
 * `event-invalid` when there are no data to upcast, `upcast-failed` when an upcast throws or returns none;
 * never retried, and without a value of the data
 */
export const applyUpcasts = (upcasts: Upcasts, newest: number, old: Versioned): unknown => {
  if (old.version === newest) return old.data
  const upcast = linkOf(upcasts, old.type, old.version)
  if (!upcast) throw never('event-unknown', `${stepOf(old)}: no upcast leads there`)
  if (!isRecord(old.data)) throw never('event-invalid', `${old.type} v${old.version}: data (no object)`)
  return applyUpcasts(upcasts, newest, {
    ...old,
    version: old.version + 1,
    data: upcasted(upcast, old, old.data),
  })
}

const upcasted = (upcast: Upcast, old: Versioned, data: Record<string, unknown>): unknown => {
  const next = attempt(upcast, old, data)
  if (!isRecord(next)) throw never('upcast-failed', `${stepOf(old)}: the upcast returned no object`)
  return next
}

// The text of what it threw may quote the data.
const attempt = (upcast: Upcast, old: Versioned, data: Record<string, unknown>): unknown => {
  try {
    return upcast(data)
  } catch (error) {
    throw never('upcast-failed', `${stepOf(old)}: the upcast threw ${codeOf(error)}`)
  }
}

/** Says whether upcasts lead from one version of a type to a newer one. */
export const hasUpcasts =
  (upcasts: Upcasts) =>
  (type: string, from: number, to: number): boolean =>
    from >= to || (linkOf(upcasts, type, from) !== undefined && hasUpcasts(upcasts)(type, from + 1, to))

// A stranger chooses the type, and `__proto__` is none of ours.
const linkOf = (upcasts: Upcasts, type: string, version: number): Upcast | undefined =>
  Object.hasOwn(upcasts, type) ? upcasts[type]?.[version] : undefined

const isRecord = (data: unknown): data is Record<string, unknown> =>
  typeof data === 'object' && data !== null && !Array.isArray(data)

const stepOf = ({ type, version }: Versioned) => `${JSON.stringify(type)} v${version} to v${version + 1}`

const never = (code: 'event-unknown' | 'event-invalid' | 'upcast-failed', detail: string) =>
  new SagaError(code, detail, { retry: 'never' })
