import { Double, deserialize, EJSON, ObjectId, serialize } from 'bson'
import { expect } from 'chai'
import fc from 'fast-check'
import {
  buildIndex,
  type Collection,
  find,
  insert,
  makeCollection,
  remove,
  replace,
} from '../../local/mongodb/collection.ts'
import { decode, encode } from '../../local/mongodb/document.ts'
import { parseFilter } from '../../local/mongodb/filter.ts'
import type { Doc } from '../../local/mongodb/value.ts'

type Plain = Record<string, unknown>
const doc = (fields: Plain): Doc => decode(Buffer.from(serialize(fields)))

const scalar = fc.oneof(
  fc.constantFrom(null, true, false, 'a', 'b', '', 'z\u{1f600}', '\uffff'),
  fc.integer({ min: -3, max: 3 }),
  fc.integer({ min: -3, max: 3 }).map(n => BigInt(n)),
  fc.constantFrom(0.5, -0.5, Number.NaN, Number.POSITIVE_INFINITY).map(n => new Double(n)),
  fc.integer({ min: 0, max: 3 }).map(n => new Date(n)),
  fc.constantFrom('65f000000000000000000001', '65f000000000000000000002').map(hex => new ObjectId(hex)),
)
const value = fc.oneof(
  { weight: 4, arbitrary: scalar },
  fc.array(scalar, { maxLength: 3 }),
  fc.record({ b: scalar, c: scalar }, { requiredKeys: [] }),
  fc.array(fc.oneof(fc.record({ b: scalar }, { requiredKeys: [] }), scalar), { maxLength: 3 }),
)
const fields = fc.record({ a: value, b: value, s: fc.constantFrom('open', 'closed') }, { requiredKeys: [] })
const path = fc.constantFrom('a', 'b', 'a.b', 'a.0', 'a.0.b', 's', '_id')
const condition = fc.oneof(
  value.filter(v => !Array.isArray(v) || v.length > 0),
  fc
    .tuple(fc.constantFrom('$eq', '$ne', '$gt', '$gte', '$lt', '$lte'), scalar)
    .map(([op, v]) => ({ [op]: v })),
  fc.tuple(scalar, scalar).map(([low, high]) => ({ $gte: low, $lt: high })),
  fc
    .tuple(fc.constantFrom('$in', '$nin'), fc.array(scalar, { maxLength: 3 }))
    .map(([op, v]) => ({ [op]: v })),
  fc.boolean().map(wanted => ({ $exists: wanted })),
)
const filter = fc.oneof(
  fc.dictionary(path, condition, { maxKeys: 3 }),
  fc.tuple(path, condition, path, condition).map(([p, c, q, d]) => ({ $or: [{ [p]: c }, { [q]: d }] })),
  fc.tuple(path, condition, path, condition).map(([p, c, q, d]) => ({ $and: [{ [p]: c }, { [q]: d }] })),
)
const indexKeys = fc.uniqueArray(
  path.filter(p => p !== '_id'),
  { minLength: 1, maxLength: 2 },
)
const partial = fc.constantFrom<Plain | undefined>(
  undefined,
  { s: 'open' },
  { a: { $exists: true } },
  { b: { $gt: 0 } },
)
const index = fc
  .record({ paths: indexKeys, sparse: fc.boolean(), partial })
  .map(({ paths, sparse, partial }) => ({
    key: Object.fromEntries(paths.map(p => [p, 1])),
    name: 'i',
    sparse: sparse && partial === undefined,
    ...(partial === undefined ? {} : { partialFilterExpression: partial }),
  }))
const sort = fc
  .uniqueArray(path, { maxLength: 2 })
  .chain(paths => fc.constantFrom(1, -1).map(way => Object.fromEntries(paths.map(p => [p, way]))))

const idsOf = (collection: Collection, query: Plain, order: Plain, limit?: number) =>
  find(collection, parseFilter(doc(query)), {
    sort: doc(order),
    ...(limit === undefined ? {} : { limit }),
  }).map(({ stored }) => stored.id as number)

const accepts = (change: () => void): boolean => {
  try {
    change()
    return true
  } catch {
    return false
  }
}

const alter = (collection: Collection, at: number, to: Plain | null): void => {
  for (const { stored } of find(collection, parseFilter(doc({ _id: at }))))
    if (to === null) remove(collection, stored)
    else replace(collection, stored, doc({ _id: at, ...to }))
}

describe('indexes and scans', () => {
  // Documents that no index takes (two arrays in one) are left out of both.
  const fill = (documents: Plain[], specs: Plain[]) => {
    const [plain, indexed] = [makeCollection('t.p', () => {}), makeCollection('t.i', () => {})]
    for (const [i, spec] of specs.entries()) buildIndex(indexed, doc({ ...spec, name: `i${i}` }))()
    for (const [_id, document] of documents.entries()) {
      if (accepts(() => insert(indexed, doc({ _id, ...document })))) insert(plain, doc({ _id, ...document }))
    }
    return { plain, indexed }
  }

  it('find the same documents, whatever changed in between', () => {
    const change = fc.record({ at: fc.nat(11), to: fc.option(fields) })
    const given = [
      fc.array(fields, { maxLength: 12 }),
      fc.array(index, { minLength: 1, maxLength: 3 }),
      fc.array(change, { maxLength: 6 }),
      fc.array(filter, { minLength: 1, maxLength: 5 }),
    ] as const
    fc.assert(
      fc.property(...given, (documents, specs, changes, filters) => {
        const { plain, indexed } = fill(documents as Plain[], specs)
        for (const { at, to } of changes) if (accepts(() => alter(indexed, at, to))) alter(plain, at, to)
        for (const query of filters as Plain[]) {
          const ascending = (ids: number[]) => ids.sort((a, b) => a - b)
          expect(ascending(idsOf(indexed, query, {}))).to.deep.equal(ascending(idsOf(plain, query, {})))
        }
      }),
      { numRuns: 600 },
    )
  })

  it('give documents in the same order', () => {
    const given = [
      fc.array(fields, { maxLength: 12 }),
      fc.array(index, { minLength: 1, maxLength: 3 }),
      filter,
      sort,
    ] as const
    fc.assert(
      fc.property(...given, (documents, specs, query, order) => {
        // Equal documents come in any order, so the _id decides.
        const whole = { ...order, _id: 1 }
        const { plain, indexed } = fill(documents as Plain[], specs)
        expect(idsOf(indexed, query as Plain, whole)).to.deep.equal(idsOf(plain, query as Plain, whole))
        expect(idsOf(indexed, query as Plain, { _id: -1 }, 3)).to.deep.equal(
          idsOf(plain, query as Plain, { _id: -1 }, 3),
        )
      }),
      { numRuns: 400 },
    )
  })
})

const opened = (value: unknown): void => {
  if (value instanceof Map) for (const [, inner] of value) opened(inner)
  if (Array.isArray(value)) value.forEach(opened)
}

describe('the BSON of the embedded MongoDB server', () => {
  const deep = fc.object({
    values: [scalar, fc.uint8Array({ maxLength: 5 }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
    maxDepth: 3,
  })

  it('is that of the bson package, read and written again', () => {
    fc.assert(
      fc.property(deep, document => {
        const bytes = Buffer.from(serialize({ document, beside: [document, { document }] }))
        const read = decode(bytes)
        opened(read)
        expect(encode(read).equals(bytes)).to.equal(true)
        expect(encode(decode(bytes)).equals(bytes)).to.equal(true)
      }),
      { numRuns: 200 },
    )
  })

  it('grows with what it writes', () => {
    const large = doc({
      list: Array.from({ length: 3_000 }, (_, n) => ({ n, text: 'ü'.repeat(n % 300), when: new Date(n) })),
    })
    const copy = new Map([...large, ['more', [...(large.get('list') as Doc[])]]])
    const text = (value: unknown) => EJSON.stringify(value as Plain)
    const { list, more } = deserialize(encode(copy as Doc))
    expect(text(more)).to.equal(text(list))
  })
})
