import { errorFields } from '../../../shared/runtime/telemetry/failure-log.ts'
import type { Log } from '../../../shared/runtime/telemetry/log.ts'
import type { OrderId } from '../../contract/ids.ts'
import { type TrackedOrder, withEarlier, withEntries } from '../domain.ts'
import type { Entry } from '../entry.ts'
import type { ReadModel } from './read-model.ts'

/** What is to be added to which orders. */
export type AddedEntries = ReadonlyMap<OrderId, readonly Entry[]>

type Grow = typeof withEntries

/**
 * Adds entries to their orders, with one read and one bulk write; those that somebody else wrote meanwhile
 * are read again. What is known already changes nothing. An order that the store refuses is logged and left
 * out. @throws SagaError `store-unavailable`
 */
export const addEntries = async (
  model: ReadModel<TrackedOrder>,
  additions: AddedEntries,
  log: Log,
  grow: Grow = withEntries,
): Promise<void> => {
  let left = [...additions]
  while (left.length > 0) {
    const known = await model.load(left.map(([orderId]) => orderId))
    const grown = left.flatMap(([orderId, entries], i) => {
      const order = grow(known[i], orderId, entries)
      return order && order !== known[i] ? [order] : []
    })
    const outcomes = await model.save(grown)
    for (const [i, outcome] of outcomes.entries())
      if (outcome instanceof Error)
        log.error('an order cannot be tracked', { orderId: grown[i]?.orderId, ...errorFields(outcome) })
    const lost = new Set(grown.filter((_, i) => outcomes[i] === 'conflict').map(({ orderId }) => orderId))
    left = left.filter(([orderId]) => lost.has(orderId))
  }
}

const pageSize = 200

/**
 * Gives `to` what `from` knows and the journal no longer has: orders and parts of orders that are older than
 * it. Repeating it changes nothing. Resolves with how many orders had something. @throws SagaError
 * `store-unavailable`
 */
export const carryOver = async (
  from: ReadModel<TrackedOrder>,
  to: ReadModel<TrackedOrder>,
  log: Log,
): Promise<number> => {
  let carried = 0
  for (let after: OrderId | undefined; ; ) {
    const page = await from.page(after, pageSize)
    const there = await to.load(page.map(({ orderId }) => orderId))
    const missing = page.filter(
      ({ orderId, entries }, i) => withEarlier(there[i], orderId, entries) !== there[i],
    )
    await addEntries(to, new Map(missing.map(({ orderId, entries }) => [orderId, entries])), log, withEarlier)
    carried += missing.length
    after = page.at(-1)?.orderId
    if (page.length < pageSize) return carried
  }
}
