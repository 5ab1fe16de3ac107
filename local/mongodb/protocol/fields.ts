import { asArray, asDoc, type Doc, type Span, toJs, type Value } from '../bson/document.ts'
import { refuse } from '../failure.ts'
import type { Storage } from '../storage/storage.ts'

/** A command or a part of one, named for error messages as MongoDB does (`update.updates`). */
export type Fields = { name: string; fields: Doc }

/** A command as it came. */
export type Call = Fields & {
  db: string
  storage: Storage
  /** The position of the journal that has to be on disk before the answer is given. */
  waitsFor: number
}

/** @throws MongoFailure IDLUnknownField for a field that is not among the known ones */
export const refuseUnknown = ({ name, fields }: Fields, known: readonly string[]): void => {
  for (const field of fields.keys())
    if (!known.includes(field))
      refuse('IDLUnknownField', `BSON field '${name}.${field}' is an unknown field.`)
}

// Reads a field that may be missing. @throws MongoFailure TypeMismatch
const optional =
  <Type>(type: string, read: (value: Value) => Type | undefined) =>
  ({ name, fields }: Fields, field: string): Type | undefined => {
    const value = fields.get(field)
    return (
      value &&
      (read(value) ??
        refuse('TypeMismatch', `BSON field '${name}.${field}' is the wrong type, expected type '${type}'`))
    )
  }

const js = (value: Value, type: string): unknown => {
  const read = toJs(value)
  return typeof read === type ? read : undefined
}

export const document = optional('object', value =>
  !Array.isArray(value) && value.type === 3 ? value : undefined,
)
export const fieldsOf = optional('object', asDoc)
export const list = optional('array', asArray)
export const documents = optional('array', (value): Span[] | undefined => {
  const entries = asArray(value)
  return entries?.every(({ type }) => type === 3) ? entries : undefined
})
export const text = optional('string', value => js(value, 'string') as string | undefined)
export const flag = optional('bool', value => js(value, 'boolean') as boolean | undefined)
export const number = optional('long', value => js(value, 'number') as number | undefined)

/** A whole number that is not negative. */
export const count = (from: Fields, field: string): number | undefined => {
  const value = number(from, field)
  if (value !== undefined && value < 0)
    refuse('BadValue', `BSON field '${field}' value must be >= 0, actual value '${value}'`)
  return value
}

/** The value of a field that has to be there. */
export const required = <Type>(from: Fields, field: string, value: Type | undefined): Type =>
  value ?? refuse('IDLFailedToParse', `BSON field '${from.name}.${field}' is missing but a required field`)

/** The namespace that a command names in this field. */
export const namespace = (call: Call, field = call.name): string => {
  const collection = text(call, field) ?? ''
  const ns = `${call.db}.${collection}`
  return /^$|^\.|[$\0]/.test(collection)
    ? refuse('InvalidNamespace', `Invalid namespace specified '${ns}'`)
    : ns
}
