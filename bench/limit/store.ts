import { MongoClient } from 'mongodb'
import { perOrder, type Step } from './profile.ts'

type Service = keyof typeof perOrder.documents

/** Writes of many orders at once. */
export type Store = {
  /** One document of these orders in this service, written when they begin there. */
  begin(service: Service, orderIds: readonly string[]): Promise<void>
  /** The same documents, written when they end there. */
  end(service: Service, orderIds: readonly string[]): Promise<void>
  /** Half of the stock writes of these orders. */
  stock(orderIds: readonly string[]): Promise<void>
}

const shelves = 100
const payloadOf = (bytes: number) => 'x'.repeat(bytes)

/** The store at a URL, with a stock document for each SKU. */
export const openStore = async (url: string): Promise<Store> => {
  const client = new MongoClient(url, { maxPoolSize: 20 })
  const documents = (service: Service) => client.db(`limit_${service}`).collection<{ _id: string }>('orders')
  const stock = client.db('limit_inventory').collection<{ _id: number }>('stock')
  await stock.insertMany(Array.from({ length: shelves }, (_, _id) => ({ _id, version: 0, held: 0 })))
  const payloads = Object.fromEntries(
    Object.entries(perOrder.documents).map(([service, bytes]) => [service, payloadOf(bytes)]),
  ) as Record<Service, string>
  let turn = 0
  return {
    begin: async (service, orderIds) => {
      const payload = payloads[service]
      await documents(service).insertMany(
        orderIds.map(_id => ({ _id, version: 1, payload })),
        { ordered: false },
      )
    },
    end: async (service, orderIds) => {
      const payload = payloads[service]
      await documents(service).bulkWrite(
        orderIds.map(_id => ({
          updateOne: { filter: { _id, version: 1 } as object, update: { $set: { version: 2, payload } } },
        })),
        { ordered: false },
      )
    },
    stock: async orderIds => {
      const writes = (orderIds.length * perOrder.stockWrites) / 2
      await stock.bulkWrite(
        Array.from({ length: writes }, () => ({
          updateOne: { filter: { _id: turn++ % shelves }, update: { $set: { held: turn } } },
        })) as Parameters<typeof stock.bulkWrite>[0],
        { ordered: false },
      )
    },
  }
}

/** What is written for a step, as many writes as a saga cannot do without. */
export const writeStep = async (
  store: Store,
  { service }: Step,
  orderIds: readonly string[],
): Promise<void> => {
  if (service === 'order' || service === 'tracking') return store.end(service, orderIds)
  await store.begin(service, orderIds)
  if (service === 'inventory') await Promise.all([store.stock(orderIds), store.stock(orderIds)])
  await store.end(service, orderIds)
}
