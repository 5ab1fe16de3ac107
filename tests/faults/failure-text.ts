import { MongoClient } from 'mongodb'
import type { AuditViolation } from '../../harness/audit.ts'
import { type Sources, takeSnapshot } from '../../harness/evidence.ts'
import { storyOf } from '../../harness/story.ts'
import type { WorkloadOrder } from '../../harness/workload.ts'
import type { OrderId } from '../../services/contract/ids.ts'
import { shop } from '../../services/contract/shop.ts'
import { reactingNames } from '../../services/registry.ts'
import type { SagaDocument } from '../../shared/saga/document/document.ts'
import { mongoStore } from '../../shared/storage/mongo/store.ts'
import { timelineOf } from '../support/timeline.ts'

const mostStories = 5
const mostListed = 20

/**
 * What a run of a whole system did wrong, for a person: the offences, the dead letters, and the story of the
 * orders concerned.
 */
export const failureText = async (found: {
  offences: readonly AuditViolation[]
  dead: readonly string[]
  orders: readonly WorkloadOrder[]
  sources: Sources
  mongodbUrl: string
  said: readonly string[]
}): Promise<string> => {
  const { offences, dead, orders, sources, mongodbUrl, said } = found
  const { ledger } = await takeSnapshot(sources)
  const isGuilty = ({ orderIds, planned }: WorkloadOrder) =>
    offences.some(({ about }) => orderIds.has(about) || about === planned.key)
  const stories = orders
    .filter(isGuilty)
    .slice(0, mostStories)
    .map(async order => {
      const timelines = [...order.orderIds].map(id => timelineIn(mongodbUrl, id as OrderId))
      return [storyOf(order, ledger), ...(await Promise.all(timelines))].join('\n')
    })
  const list = offences.slice(0, mostListed).map(({ about, what }) => `${about} ${what}`)
  const count = `${offences.length} offences, ${dead.length} dead letters:`
  return [count, ...list, ...dead.slice(0, mostListed), ...(await Promise.all(stories)), ...said].join('\n')
}

/** The timeline of an order, from the documents of a whole system. */
export const timelineIn = async (mongodbUrl: string, orderId: OrderId): Promise<string> => {
  const client = new MongoClient(mongodbUrl)
  try {
    const loads = reactingNames.map(name =>
      mongoStore(shop, client.db(shop.names.databaseOf(name)).collection('orders')).load(orderId),
    )
    const documents = (await Promise.all(loads)).filter(one => one !== undefined)
    return timelineOf(documents as readonly SagaDocument[])
  } finally {
    await client.close()
  }
}
