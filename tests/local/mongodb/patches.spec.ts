import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'bson'
import { expect } from 'chai'
import fc from 'fast-check'
import { type Span, spanOf } from '../../../local/mongodb/bson/document.ts'
import { MongoFailure } from '../../../local/mongodb/failure.ts'
import type { Stored } from '../../../local/mongodb/query/indexes.ts'
import {
  bytesOf,
  type Collection,
  everyDocument,
  insert,
  makeCollection,
  unshared,
  update,
} from '../../../local/mongodb/storage/collection.ts'
import { openStorage } from '../../../local/mongodb/storage/storage.ts'
import { parseUpdate } from '../../../local/mongodb/update/update.ts'
import { silentLog } from '../../../shared/runtime/telemetry/log.ts'
import { temporaryFolder } from './targets.ts'

type Plain = { [name: string]: unknown }
type Change = { path: string; operator: '$set' | '$unset' | '$push' | '$pull'; value: unknown }

const name = fc.constantFrom('a', 'b', 'aa', 'a-b', 'o-1:pay:2', 'ключ')
const leaf = fc.oneof(
  fc.constantFrom('', 'x', 'text'.repeat(40), null, true, 0.5),
  fc.integer({ min: -2, max: 300 }),
)
const { tree } = fc.letrec(tie => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.array(leaf, { maxLength: 12 }),
    fc.dictionary(name, tie('tree'), { maxKeys: 5 }),
    fc.array(tie('tree'), { maxLength: 3 }),
  ),
}))
const fields = fc.dictionary(name, tree, { maxKeys: 6 }) as fc.Arbitrary<Plain>
const change: fc.Arbitrary<Change> = fc.record({
  path: fc.array(name, { minLength: 1, maxLength: 3 }).map(parts => parts.join('.')),
  operator: fc.constantFrom('$set', '$unset', '$push', '$pull'),
  value: tree,
})
const apart = (changes: Change[]): Change[] =>
  changes.filter(({ path }, i) =>
    changes.every(
      (other, j) =>
        i <= j || !(`${path}.`.startsWith(`${other.path}.`) || `${other.path}.`.startsWith(`${path}.`)),
    ),
  )
const changes = fc.array(change, { minLength: 1, maxLength: 6 }).map(apart)

const isObject = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

// What MongoDB documents about each operator, on plain objects. @throws Error where MongoDB refuses
const operators: { [operator: string]: (parent: Plain, last: string, value: unknown) => void } = {
  $set: (parent, last, value) => {
    parent[last] = structuredClone(value)
  },
  $unset: (parent, last) => {
    delete parent[last]
  },
  $push: (parent, last, value) => {
    parent[last] = [...(last in parent ? arrayOf(parent[last]) : []), value, value]
  },
  $pull: (parent, last) => {
    if (!(last in parent)) return
    if (arrayOf(parent[last]).some(Array.isArray)) throw new Error('nested arrays')
    parent[last] = arrayOf(parent[last]).filter(element => element !== 'x')
  },
}
const arrayOf = (value: unknown): unknown[] => {
  if (!Array.isArray(value)) throw new Error('no array')
  return value
}
const changed = (document: Plain, { path, operator, value }: Change): void => {
  const parts = path.split('.')
  const last = parts.pop() ?? ''
  const makes = operator === '$set' || operator === '$push'
  let parent = document
  for (const part of parts) {
    if (!(part in parent) && !makes) return
    if (!(part in parent)) parent[part] = {}
    const next = parent[part]
    if (!isObject(next)) throw new Error('not viable')
    parent = next
  }
  operators[operator]?.(parent, last, value)
}
const orderOf = ({ path }: Change) => path.split('.').join('\0')
const expected = (document: Plain, all: Change[]): Plain => {
  const copy = structuredClone(document)
  for (const one of [...all].sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))) changed(copy, one)
  return copy
}

const bytesFor = (document: object): Buffer => Buffer.from(serialize(document))
const operand = ({ operator, value }: Change) =>
  operator === '$push' ? { $each: [value, value] } : operator === '$pull' ? 'x' : value
const operatorsOf = (all: Change[]): Span => {
  const update: { [operator: string]: Plain } = {}
  for (const one of all) update[one.operator] = { ...update[one.operator], [one.path]: operand(one) }
  return spanOf(bytesFor(update))
}

// The document after the changes, or undefined where they are refused.
const wanted = (document: Plain, all: Change[]): Plain | undefined => {
  try {
    return expected(document, all)
  } catch {
    return undefined
  }
}
const tried = (collection: Collection, stored: Stored, all: Change[]): boolean | undefined => {
  try {
    return update(collection, stored, parseUpdate(operatorsOf(all)))
  } catch (error) {
    if (!(error instanceof MongoFailure)) throw error
    return undefined
  }
}

describe('an update of the embedded MongoDB server', function () {
  this.timeout(60_000)
  const shared = unshared()
  it('does to the bytes what its operators say, or nothing at all', () => {
    fc.assert(
      fc.property(fields, fc.array(changes, { minLength: 1, maxLength: 4 }), (document, updates) => {
        const collection = makeCollection('t.c', 0, shared)
        const [before, after] = [
          { _id: 0, z: 1 },
          { _id: 2, z: 2 },
        ]
        const all = [before, { _id: 1, ...document }, after].map(one =>
          insert(collection, spanOf(bytesFor(one))),
        )
        let now: Plain = { _id: 1, ...document }
        for (const one of updates) {
          const next = wanted(now, one)
          const done = tried(collection, all[1] as Stored, one)
          const same = next !== undefined && bytesFor(next).equals(bytesFor(now))
          expect(done).to.equal(next === undefined ? undefined : !same)
          now = next ?? now
          expect(bytesOf(all[1] as Stored).equals(bytesFor(now)), JSON.stringify(now)).to.equal(true)
        }
        expect(all.map(one => deserialize(bytesOf(one))._id)).to.deep.equal([0, 1, 2])
      }),
      { numRuns: 300 },
    )
  })

  it('changes one of thousands of fields of a part, takes some away and adds others', () => {
    const collection = makeCollection('t.c', 0, unshared())
    const holds = Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`o-${n}`, { quantity: n }]))
    const stored = insert(collection, spanOf(bytesFor({ _id: 'lot', version: 1, holds, after: 'x' })))
    const [gone, added] = [{} as Plain, {} as Plain]
    for (let n = 0; n < 50; n += 1) {
      gone[`holds.o-${n * 7}`] = ''
      added[`holds.p-${n + 100}`] = { quantity: n }
    }
    const u = { $set: { 'holds.o-1999': { quantity: -1 }, version: 2, ...added }, $unset: gone }
    expect(update(collection, stored, parseUpdate(spanOf(bytesFor(u))))).to.equal(true)
    const now = deserialize(bytesOf(stored))
    expect(Object.keys(now)).to.deep.equal(['_id', 'version', 'holds', 'after'])
    const kept = Object.entries(holds).filter(([id]) => !(`holds.${id}` in gone) && id !== 'o-1999')
    expect(now.holds).to.deep.equal({
      ...Object.fromEntries(kept),
      'o-1999': { quantity: -1 },
      ...Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`p-${n + 100}`, { quantity: n }])),
    })
  })
})

describe('the journal of updates', () => {
  const root = temporaryFolder()

  it('builds the same bytes again, whatever was changed', async function () {
    this.timeout(60_000)
    const given = fc.array(fc.tuple(fc.nat(4), changes), { minLength: 1, maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fields, { minLength: 5, maxLength: 5 }),
        given,
        async (documents, updates) => {
          const folder = mkdtempSync(join(root(), 'f-'))
          const storage = await openStorage(folder, silentLog)
          const collection = storage.collection('a.c')
          const stored = documents.map((one, _id) => insert(collection, spanOf(bytesFor({ _id, ...one }))))
          for (const [at, one] of updates) tried(collection, stored[at] as Stored, one)
          const before = everyDocument(collection).map(one => Buffer.from(bytesOf(one)))
          await storage.close()
          const again = await openStorage(folder, silentLog)
          const after = everyDocument(again.collection('a.c')).map(one => Buffer.from(bytesOf(one)))
          await again.close()
          expect(after).to.deep.equal(before)
        },
      ),
      { numRuns: 30 },
    )
  })
})
