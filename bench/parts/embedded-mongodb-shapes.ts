import { createHash } from 'node:crypto'
import type { AnyBulkWriteOperation, Collection, Document } from 'mongodb'

/** What is written and read while one thing is measured; `turn` counts up over all callers. */
export type Workload = {
  name: string
  /** How many callers at once. */
  inFlight: number
  /** How many operations one turn is. */
  each: number
  run(stored: Stored, turn: number): Promise<unknown>
}

/** Collections with documents of the shapes that the stores write, and the version that each document has. */
export type Stored = {
  orders: Collection<Keyed>
  lots: Collection<Keyed>
  views: Collection<Keyed>
  versions: Map<string, number>
}
type Keyed = Document & { _id: string }

/** How many orders the workloads change, and how many they only read. */
const changed = 16_384
const read = 2_048
export const leastStored = changed + read
const heldOrders = 2_000
const lots = 16
const views = 2_048

// Half of it is what a compression finds no pattern in, as ids and references are.
const text = (length: number, seed: string) => {
  const noise = createHash('sha512').update(seed).digest('base64').repeat(4)
  return `${noise.slice(0, length / 2)}${'order-line-of-a-customer '.repeat(40)}`.slice(0, length)
}
const uuid = (n: number) => `${String(n).padStart(8, '0')}-7a1b-4c2d-9e3f-0123456789ab`
const event = (n: number, k: number) =>
  JSON.stringify({
    id: `${uuid(n)}:payment:${k}`,
    type: 'payment.captured',
    data: { at: 17e11 + k, text: text(600, `${n}:${k}`) },
  })

const state = (n: number, status: string, at: number) => ({
  status,
  total: 1_999 + n,
  at,
  lines: [
    { sku: 'SKU-1', quantity: 2 },
    { sku: 'SKU-2', quantity: 1 },
  ],
  address: text(120, `${n}`),
})

/** A document of an order as it is inserted: its state and three events, 2 to 3 KB. */
export const order = (n: number): Keyed => ({
  _id: uuid(n),
  version: 1,
  state: state(n, 'charging', 1),
  events: [event(n, 0), event(n, 1), event(n, 2)],
  inbox: { [`${uuid(n)}:order:1`]: { outcome: 'applied' } },
  token: 0,
  ...(n % 3 === 0 ? { due: n } : {}),
})

/** A lot of stock with many open holds. */
export const lot = (n: number): Keyed => ({
  _id: `SKU-${n}:1`,
  sku: `SKU-${n}`,
  version: 1,
  onHand: 1_000_000,
  held: heldOrders,
  shipped: 0,
  holds: Object.fromEntries(Array.from({ length: heldOrders }, (_, k) => [uuid(k), hold(k)])),
})
const hold = (k: number) => ({ quantity: 2, token: k, at: 17e11 + k })

/** A document of a read model, 4 to 8 KB. */
export const view = (n: number, entries = 8): Keyed => ({
  _id: uuid(n),
  version: entries,
  status: entries > 8 ? 'shipped' : 'charged',
  at: 17e11 + entries,
  timeline: Array.from({ length: entries }, (_, k) => ({
    id: `${uuid(n)}:${k}`,
    at: 17e11 + k,
    text: text(500, `${n}:${k}`),
  })),
})

/** The next version of the document, on top of the last one. */
const guarded = (
  { versions }: Stored,
  _id: string,
  operators: (version: number) => Document,
): AnyBulkWriteOperation<Keyed> => {
  const version = versions.get(_id) ?? 1
  versions.set(_id, version + 1)
  const { $set, ...others } = operators(version)
  const update = { $set: { ...$set, version: version + 1 }, ...others, $setOnInsert: { _id: null } }
  return { updateOne: { filter: { _id, version }, update: update as Document, upsert: true } }
}

const step = (stored: Stored, n: number) =>
  guarded(stored, uuid(n), version => ({
    $set: {
      state: state(n, 'charged', version),
      [`inbox.${uuid(n)}:payment:${version % 4}`]: { outcome: 'applied' },
      token: version,
      ...(version % 2 === 0 ? { due: 17e11 + version } : {}),
    },
    $push: { events: { $each: [event(n, version)] } },
    ...(version % 2 === 1 ? { $unset: { due: '' } } : {}),
  }))

// Takes the eldest 50 holds and gives 50 new ones.
const turnOver = (stored: Stored, n: number) =>
  guarded(stored, `SKU-${n}:1`, version => {
    const from = (version - 1) * 50
    const fields = (at: number, value: (k: number) => unknown) =>
      Object.fromEntries(Array.from({ length: 50 }, (_, k) => [`holds.${uuid(at + k)}`, value(at + k)]))
    return {
      $set: { onHand: 1_000_000 - from, held: heldOrders, shipped: from, ...fields(heldOrders + from, hold) },
      $unset: fields(from, () => ''),
    }
  })

const range = (turn: number, size: number, of: number) =>
  Array.from({ length: size }, (_, i) => (turn * size + i) % of)

const written = (size: number, modifiedCount: number) => {
  if (modifiedCount !== size) throw new Error('a guarded update missed')
}

const updates = (size: number, inFlight: number): Workload => ({
  name: `guarded update, ${size} a command`,
  inFlight,
  each: size,
  run: async (stored, turn) => {
    const operations = range(turn, size, changed).map(n => step(stored, n))
    written(size, (await stored.orders.bulkWrite(operations, { ordered: false })).modifiedCount)
  },
})

const finds = (size: number, inFlight: number): Workload => ({
  name: `find by id, ${size} a command`,
  inFlight,
  each: size,
  run: async ({ orders }, turn) => {
    const $in = range(turn, size, read).map(n => uuid(changed + n))
    const found = await orders.find({ _id: { $in } }, { batchSize: size + 1, raw: true }).toArray()
    if (found.length !== size) throw new Error('a find missed')
  },
})

let inserted = 10_000_000
const inserts = (size: number, inFlight: number): Workload => ({
  name: `insert, ${size} a command`,
  inFlight,
  each: size,
  run: ({ orders }) =>
    orders.insertMany(
      Array.from({ length: size }, () => order(inserted++)),
      { ordered: false },
    ),
})

/** Everything that is measured. */
export const workloads: readonly Workload[] = [
  updates(1, 200),
  updates(32, 8),
  inserts(32, 8),
  finds(1, 200),
  finds(32, 8),
  {
    name: `update of 100 of ${heldOrders} holds of a lot`,
    inFlight: 4,
    each: 1,
    run: async (stored, turn) =>
      written(1, (await stored.lots.bulkWrite([turnOver(stored, turn % lots)])).modifiedCount),
  },
  {
    name: 'update of all fields of a view, 32 a command',
    inFlight: 4,
    each: 32,
    run: async (stored, turn) => {
      const operations = range(turn, 32, views).map(n => {
        const { _id, version: _, ...fields } = view(n, 9 + (Math.floor((turn * 32) / views) % 3))
        return guarded({ ...stored, versions: viewVersions }, _id, () => ({ $set: fields }))
      })
      written(32, (await stored.views.bulkWrite(operations, { ordered: false })).modifiedCount)
    },
  },
]
const viewVersions = new Map<string, number>()

/** Fills the collections: as many orders as are wanted, and what the workloads change. */
export const fill = async ({ orders, lots: stock, views: models }: Stored, count: number): Promise<void> => {
  await orders.createIndexes([
    { name: 'due', key: { due: 1 }, sparse: true },
    { name: 'unsent', key: { unsent: 1 }, partialFilterExpression: { unsent: { $gt: '' } } },
  ])
  for (let at = 0; at < count; at += 1_024)
    await orders.insertMany(Array.from({ length: Math.min(1_024, count - at) }, (_, n) => order(at + n)))
  await stock.insertMany(Array.from({ length: lots }, (_, n) => lot(n)))
  await models.insertMany(Array.from({ length: views }, (_, n) => ({ ...view(n), version: 1 })))
}
