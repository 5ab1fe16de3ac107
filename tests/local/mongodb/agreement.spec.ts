import { inspect } from 'node:util'
import { Double, deserialize, ObjectId, serialize } from 'bson'
import { expect } from 'chai'
import fc from 'fast-check'
import { decode, encode, type Span, spanOf } from '../../../local/mongodb/bson/document.ts'
import { keysOf } from '../../../local/mongodb/bson/order.ts'
import { parseFilter } from '../../../local/mongodb/query/filter.ts'
import { countMatching, find } from '../../../local/mongodb/query/finding.ts'
import type { Sort } from '../../../local/mongodb/query/plan.ts'
import {
  buildIndex,
  bytesOf,
  type Collection,
  insert,
  makeCollection,
  unshared,
  update,
} from '../../../local/mongodb/storage/collection.ts'
import { parseUpdate } from '../../../local/mongodb/update/update.ts'

type Plain = Record<string, unknown>

const scalar = fc.oneof(
  fc.constantFrom(null, true, false, 'a', 'b', '', 'z\u{1f600}', '\uffff'),
  fc.integer({ min: -3, max: 3 }),
  fc.integer({ min: -3, max: 3 }).map(n => BigInt(n)),
  fc.constantFrom(0.5, -0.5, Number.NaN, Number.POSITIVE_INFINITY).map(n => new Double(n)),
  fc.integer({ min: 0, max: 3 }).map(n => new Date(n)),
  fc.constantFrom('65f000000000000000000001', '65f000000000000000000002').map(hex => new ObjectId(hex)),
)
const value = fc.oneof({ weight: 4, arbitrary: scalar }, fc.array(scalar, { maxLength: 3 }))
const fields = fc.record({ a: value, b: value, s: fc.constantFrom('open', 'closed') }, { requiredKeys: [] })
const field = fc.constantFrom('a', 'b', 's', '_id')
const condition = fc.oneof(
  scalar,
  fc.constantFrom('open', 'closed'),
  fc.tuple(fc.constantFrom('$gt', '$gte', '$lt', '$lte'), scalar).map(([op, v]) => ({ [op]: v })),
  fc.tuple(scalar, scalar).map(([low, high]) => ({ $gte: low, $lt: high })),
  fc.array(scalar, { maxLength: 3 }).map(list => ({ $in: list })),
)
const filter = fc.dictionary(field, condition, { maxKeys: 3 })
const index = fc.record({
  fields: fc.uniqueArray(field, { minLength: 1, maxLength: 2 }),
  sparse: fc.boolean(),
  partial: fc.constantFrom<Plain | undefined>(
    undefined,
    { s: 'open' },
    { b: { $gt: 0 } },
    { a: { $gt: '' } },
  ),
})

const documentOf = (fields: Plain): Span => spanOf(Buffer.from(serialize(fields)))

const idsOf = (collection: Collection, query: Plain, sort?: Sort, limit = Number.POSITIVE_INFINITY) =>
  find(collection, parseFilter(documentOf(query)), limit, sort).map(
    stored => deserialize(bytesOf(stored))._id,
  )
const countOf = (collection: Collection, query: Plain, limit = Number.POSITIVE_INFINITY) =>
  countMatching(collection, parseFilter(documentOf(query)), limit)

const accepts = (change: () => void): boolean => {
  try {
    change()
    return true
  } catch {
    return false
  }
}

// Gives the document these fields and no others.
const alter = (collection: Collection, at: number, to: Plain): void => {
  const gone = Object.fromEntries(['a', 'b', 's'].filter(name => !(name in to)).map(name => [name, '']))
  for (const stored of find(collection, parseFilter(documentOf({ _id: at })), 1))
    update(collection, stored, parseUpdate(documentOf({ $set: to, $unset: gone })))
}

/** What the document with this id is sorted by: of an array the element that comes first. */
const sortKeyOf = (documents: readonly Plain[], id: unknown, { field, descending }: Sort): string => {
  const value = field === '_id' ? id : documents[Number(id)]?.[field]
  const stored = decode(documentOf({ value }).bytes).get('value')
  return (
    keysOf(value === undefined ? undefined : stored)
      .sort()
      .at(descending ? -1 : 0) ?? ''
  )
}

describe('indexes and scans', () => {
  // Documents that no index takes (two arrays in one) are left out of both.
  const fill = (
    documents: Plain[],
    indexes: { fields: string[]; sparse: boolean; partial: Plain | undefined }[],
  ) => {
    const [plain, indexed] = [makeCollection('t.p', 0, unshared()), makeCollection('t.i', 1, unshared())]
    for (const [i, { fields, sparse, partial }] of indexes.entries()) {
      const key = Object.fromEntries(fields.map(name => [name, 1]))
      const option = partial ? { partialFilterExpression: partial } : { sparse }
      buildIndex(indexed, Buffer.from(serialize({ key, name: `i${i}`, ...option })))()
    }
    for (const [_id, document] of documents.entries())
      if (accepts(() => insert(indexed, documentOf({ _id, ...document }))))
        insert(plain, documentOf({ _id, ...document }))
    return { plain, indexed }
  }

  // Its key begins with the largest character there is.
  const largest = [
    [{ a: Number.POSITIVE_INFINITY }],
    [{ fields: ['a'], sparse: false, partial: undefined }],
    [],
    [{ a: { $gt: 0 } }],
  ]

  it('find and count the same documents, whatever changed in between', () => {
    const given = [
      fc.array(fields, { maxLength: 12 }),
      fc.array(index, { minLength: 1, maxLength: 3 }),
      fc.array(fc.record({ at: fc.nat(11), to: fields }), { maxLength: 6 }),
      fc.array(filter, { minLength: 1, maxLength: 5 }),
    ] as const
    fc.assert(
      fc.property(...given, (documents, indexes, changes, filters) => {
        const { plain, indexed } = fill(documents as Plain[], indexes)
        for (const { at, to } of changes)
          if (accepts(() => alter(indexed, at, to as Plain))) alter(plain, at, to as Plain)
        for (const query of filters) {
          const ids = idsOf(plain, query).sort()
          expect(idsOf(indexed, query).sort(), inspect(query)).to.deep.equal(ids)
          expect(countOf(indexed, query), inspect(query)).to.equal(ids.length)
          expect(countOf(indexed, query, 2), inspect(query)).to.equal(Math.min(ids.length, 2))
        }
      }),
      { numRuns: 600, examples: [largest] as never },
    )
  })

  const inOrder = (
    documents: Plain[],
    indexes: Parameters<typeof fill>[1],
    { query, sort, limit }: { query: Plain; sort: Sort; limit: number },
  ) => {
    const { plain, indexed } = fill(documents, indexes)
    // Of documents that are equal any may come first.
    const placesOf = (ids: unknown[]) => ids.map(id => sortKeyOf(documents, id, sort))
    const all = idsOf(plain, query)
    const ascending = placesOf(all).sort()
    const places = sort.descending ? ascending.reverse() : ascending
    const found = idsOf(indexed, query, sort)
    expect([...found].sort(), inspect(query)).to.deep.equal([...all].sort())
    expect(placesOf(found), inspect([query, sort])).to.deep.equal(places)
    const page = placesOf(idsOf(indexed, query, sort, limit))
    expect(page, inspect([query, sort])).to.deep.equal(places.slice(0, limit))
  }
  const sorting = fc.record({ field, descending: fc.boolean() })

  it('give documents in the same order', () => {
    const given = [
      fc.array(fields, { maxLength: 12 }),
      fc.array(index, { minLength: 1, maxLength: 3 }),
      fc.record({ query: filter, sort: sorting, limit: fc.nat(4) }),
    ] as const
    fc.assert(
      fc.property(...given, (documents, indexes, asked) => inOrder(documents as Plain[], indexes, asked)),
      { numRuns: 600 },
    )
  })

  // Values that meet: most queries find several, and an index is worth following.
  const letter = fc.constantFrom('x', 'y', 'z')
  const near = fc.record(
    { a: fc.oneof(letter, fc.array(letter, { maxLength: 3 })), b: letter, s: letter },
    { requiredKeys: [] },
  )
  const bound = fc.oneof(
    letter,
    fc.subarray(['x', 'y', 'z']).map(list => ({ $in: list })),
    fc.tuple(letter, letter).map(([low, high]) => ({ $gte: low, $lte: high })),
    fc.tuple(letter, letter).map(([low, high]) => ({ $gt: low, $lt: high })),
    letter.map(low => ({ $gt: low })),
    letter.map(high => ({ $lt: high })),
  )

  it('give them in the same order behind one key, or several, of the first field of an index', () => {
    const given = [
      fc.array(near, { minLength: 4, maxLength: 25 }),
      fc.array(fc.record({ fields: fc.shuffledSubarray(['a', 'b', 's'], { minLength: 1, maxLength: 2 }) }), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.record({
        query: fc.dictionary(fc.constantFrom('a', 'b', 's'), bound, { maxKeys: 2 }),
        sort: sorting,
        limit: fc.nat(6),
      }),
    ] as const
    fc.assert(
      fc.property(...given, (documents, indexes, asked) =>
        inOrder(
          documents as Plain[],
          indexes.map(({ fields }) => ({ fields, sparse: false, partial: undefined })),
          asked,
        ),
      ),
      { numRuns: 1_500 },
    )
  })
})

describe('the BSON of the embedded MongoDB server', () => {
  const deep = fc.object({
    values: [scalar, fc.uint8Array({ maxLength: 5 }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
    maxDepth: 3,
  })

  it('is that of the bson package, read and written again', () => {
    fc.assert(
      fc.property(deep, document => {
        const bytes = Buffer.from(serialize({ document, beside: [document, { document }] }))
        expect(encode(decode(bytes) as Map<string, Span>).equals(bytes)).to.equal(true)
      }),
      { numRuns: 200 },
    )
  })
})
