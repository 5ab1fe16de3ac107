import type { Collection } from './collection.ts'
import type { Cursors } from './cursors.ts'
import { MongoFailure } from './failure.ts'
import { type Doc, isNumeric, numberOf, typeName, type Value } from './value.ts'

/** What the commands work on. */
export type State = {
  /** By namespace, `database.collection`. */
  collections: Map<string, Collection>
  cursors: Cursors
  /** The collection, created when it is not there. */
  collection(ns: string): Collection
  drop(ns: string): boolean
}

/** A command as it came: its fields are read through the functions below, which refuse what MongoDB refuses. */
export type Call = { name: string; db: string; command: Doc; state: State }

/** A part of a command, named for error messages as MongoDB does (`update.updates`). */
export type Fields = { name: string; fields: Doc }

/** @throws MongoFailure IDLUnknownField for a field that is not among the known ones */
export const refuseUnknown = ({ name, fields }: Fields, known: readonly string[]): void => {
  for (const field of fields.keys())
    if (!known.includes(field))
      throw new MongoFailure('IDLUnknownField', `BSON field '${name}.${field}' is an unknown field.`)
}

const wrongType = ({ name }: Fields, field: string, value: Value, expected: string) =>
  new MongoFailure(
    'TypeMismatch',
    `BSON field '${name}.${field}' is the wrong type '${typeName(value)}', expected type '${expected}'`,
  )

const optional =
  <Type extends Value>(is: (value: Value) => value is Type, expected: string) =>
  (from: Fields, field: string): Type | undefined => {
    const value = from.fields.get(field)
    if (value === undefined || is(value)) return value
    throw wrongType(from, field, value, expected)
  }

export const document = optional((value): value is Doc => value instanceof Map, 'object')
export const list = optional((value): value is Value[] => Array.isArray(value), 'array')
export const text = optional((value): value is string => typeof value === 'string', 'string')

/** A truth value; numbers count, as for MongoDB. */
export const flag = (from: Fields, field: string): boolean => {
  const value = from.fields.get(field) ?? false
  if (typeof value === 'boolean') return value
  if (isNumeric(value)) return Number(numberOf(value)) !== 0
  throw wrongType(from, field, value, 'bool')
}

/** A whole number that is not negative. */
export const count = (from: Fields, field: string): number | undefined => {
  const value = from.fields.get(field)
  if (value === undefined) return undefined
  if (!isNumeric(value)) throw wrongType(from, field, value, 'long')
  const number = Math.trunc(Number(numberOf(value)))
  if (number >= 0) return number
  throw new MongoFailure('BadValue', `BSON field '${field}' value must be >= 0, actual value '${number}'`)
}

/** A sort specification: paths with 1 or -1. */
export const sortOf = (from: Fields): Doc | undefined => {
  const sort = document(from, 'sort')
  for (const way of sort?.values() ?? [])
    if (!isNumeric(way) || Math.abs(Number(numberOf(way))) !== 1)
      throw new MongoFailure(
        'Location15975',
        '$sort key ordering must be 1 (for ascending) or -1 (for descending)',
      )
  return sort
}

/** The value of a field that has to be there. */
export const required = <Type>(from: Fields, field: string, value: Type | undefined): Type => {
  if (value !== undefined) return value
  throw new MongoFailure(
    'IDLFailedToParse',
    `BSON field '${from.name}.${field}' is missing but a required field`,
  )
}

/** The namespace a command names in its first field. */
export const namespace = (call: Call, collection: Value = call.command.get(call.name) ?? null): string => {
  if (typeof collection !== 'string')
    throw new MongoFailure('BadValue', `collection name has invalid type ${typeName(collection)}`)
  const ns = `${call.db}.${collection}`
  if (
    collection === '' ||
    collection.includes('$') ||
    collection.includes('\0') ||
    collection.startsWith('.')
  )
    throw new MongoFailure('InvalidNamespace', `Invalid namespace specified '${ns}'`)
  return ns
}

/** The fields of the whole command. */
export const fieldsOf = ({ name, command }: Call): Fields => ({ name, fields: command })

/** The documents among a list's entries; anything else is refused. */
export const documents = (from: Fields, field: string): Doc[] =>
  required(from, field, list(from, field)).map((entry, i) => {
    if (entry instanceof Map) return entry
    throw wrongType(from, `${field}.${i}`, entry, 'object')
  })
