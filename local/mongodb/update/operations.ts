import { asArray, asDoc, type Span, spanAt } from '../bson/document.ts'
import { keyOf } from '../bson/order.ts'
import { Walk } from '../bson/walk.ts'
import { MongoFailure, refuse } from '../failure.ts'
import { conditions } from '../query/filter.ts'
import { beginField, type Operation } from './change-tree.ts'
import { setValue } from './differ.ts'
import type { Patch } from './patch.ts'

/**
 * An update operator of MongoDB: what it does, and a check of its operand before any document is looked at.
 */
export type Operator = Operation & { check?: (operand: Span) => void }

export const set: Operator = {
  change: setValue,
  add: ({ put }, name, { type, bytes, at, end }) => {
    put.byte(type)
    put.copy(name, 0, name.length)
    put.byte(0)
    put.copy(bytes, at, end)
  },
}

export const unset: Operator = {
  change: (patch, base, { bytes, from, end }) => patch.replace(from - base, end - from, bytes, 0, 0),
}

// The elements that `$each` adds.
const added = (operand: Span): Walk => {
  const walk = new Walk(operand.bytes, operand.at)
  walk.next()
  return new Walk(walk.bytes, walk.at)
}

const writeElements = ({ put }: Patch, elements: Walk, first: number): void => {
  for (let i = first; elements.next(); i += 1) {
    put.byte(elements.type)
    put.text(String(i))
    put.byte(0)
    put.copy(elements.bytes, elements.at, elements.end)
  }
}

export const push: Operator = {
  check: operand => {
    const [clause, other] = [...(asDoc(operand) ?? [])]
    if (clause?.[0] !== '$each' || other !== undefined)
      refuse('NotImplemented', 'The embedded server pushes with $each and no other clause')
    else if (!asArray(clause[1])) refuse('BadValue', 'The argument to $each in $push must be an array')
  },
  change: (patch, base, old, operand) => {
    if (old.type !== 4)
      throw new MongoFailure(
        'BadValue',
        `The field '${old.bytes.toString('utf8', old.name, old.at - 1)}' must be an array`,
      )
    const there = new Walk(old.bytes, old.at)
    let count = 0
    while (there.next()) count += 1
    const entered = patch.enter(old.at - base, old.end - old.at)
    const stretch = patch.open(there.last - base, 0)
    writeElements(patch, added(operand), count)
    patch.closeUnlessEmpty(stretch)
    patch.leave(entered)
  },
  add: (patch, name, operand) => {
    const end = beginField(patch, 4, name)
    writeElements(patch, added(operand), 0)
    end()
  },
}

const writeKept = (patch: Patch, kept: readonly Span[], name: Buffer): void => {
  const end = beginField(patch, 4, name)
  for (const [i, element] of kept.entries()) set.add?.(patch, Buffer.from(String(i)), element)
  end()
}

export const pull: Operator = {
  check: operand => {
    conditions('', operand)
  },
  change: (patch, base, old, operand) => {
    const elements = asArray(spanAt(old)) ?? refuse('BadValue', 'Cannot apply $pull to a non-array value')
    if (elements.some(asArray))
      refuse('NotImplemented', 'The embedded server does not pull from nested arrays')
    const tests = conditions('', operand)
    const kept = elements.filter(element => !tests.every(({ test }) => test(keyOf(element))))
    if (kept.length === elements.length) return
    const stretch = patch.open(old.from - base, old.end - old.from)
    writeKept(patch, kept, old.bytes.subarray(old.name, old.at - 1))
    patch.close(stretch)
  },
}
