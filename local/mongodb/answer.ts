import { Double } from 'bson'
import { decode, encode } from './document.ts'
import type { MongoFailure } from './failure.ts'
import type { Doc, Value } from './value.ts'

/** What an answer is written as: values, and plain lists and objects of them. */
export type Answer = Value | undefined | readonly Answer[] | { readonly [name: string]: Answer }

const isPlain = (answer: Answer): answer is { readonly [name: string]: Answer } =>
  typeof answer === 'object' && answer !== null && Object.getPrototypeOf(answer) === Object.prototype

const asValue = (answer: Answer): Value => {
  if (Array.isArray(answer)) return answer.map(asValue)
  return isPlain(answer) ? docOf(answer) : ((answer ?? null) as Value)
}

/** A document of the defined fields. Whole numbers are int32, bigints int64. */
export const docOf = (fields: { readonly [name: string]: Answer }): Doc =>
  new Map(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, asValue(value)]])),
  )

/** `fields` and `ok: 1`. */
export const ok = (fields: { readonly [name: string]: Answer } = {}): Buffer =>
  encode(docOf({ ...fields, ok: new Double(1) }))

/** The answer to a command that failed as a whole. */
export const failed = ({ message, code, codeName, facts }: MongoFailure): Buffer =>
  encode(docOf({ ok: new Double(0), errmsg: message, code, codeName, ...facts }))

/** `{cursor: {<batch>: documents, id, ns}, ok: 1}` around documents that are BSON already. */
export const cursorAnswer = (
  batch: 'firstBatch' | 'nextBatch',
  documents: readonly Buffer[],
  id: bigint,
  ns: string,
): Buffer => ok({ cursor: { [batch]: documents.map(raw => decode(raw)), id, ns } })
