import fc from 'fast-check'
import { type OrderId, orderIdOf } from '../../../services/contract/ids.ts'
import { reactingNames } from '../../../services/registry.ts'
import type { Entry } from '../../../services/tracking/entry.ts'
import { systemRandom } from '../../../shared/runtime/random.ts'

/** An order that no other test uses. */
export const freshOrder = (): OrderId => orderIdOf(systemRandom.id())

const start = Date.UTC(2030, 0, 1)

/** The `n`th fact of a service about the order, `seconds` after the start of all. */
export const fact = (
  orderId: OrderId,
  type: string,
  [service, n]: readonly [service: string, n: number],
  { seconds = 0, cause, data = {} }: { seconds?: number; cause?: Entry; data?: Entry['data'] } = {},
): Entry => ({
  ...{
    id: `${orderId}:${service}:${n}`,
    type,
    service,
    at: new Date(start + seconds * 1_000).toISOString(),
    data,
  },
  ...(cause && { cause: cause.id }),
})

/** A failed attempt of the service at an event. */
export const failure = (about: Entry, service: string, attempt: number, seconds: number): Entry => ({
  id: `${about.id}:${service}:attempt-failed:${attempt}`,
  type: `${service}.attempt-failed`,
  ...{ service, notice: 'attempt-failed', cause: about.id },
  at: new Date(start + seconds * 1_000).toISOString(),
  data: { reason: 'provider-unavailable', attempt, retryInMs: 1_000 },
})

/** A cancelled order, as its services told it. */
export const cancelledStory = (orderId: OrderId): Entry[] => {
  const placed = fact(orderId, 'order.placed', ['order', 2], {
    data: { caller: 'ada', customerId: 'c-1', total: 2_500 },
  })
  const reserved = fact(orderId, 'inventory.reserved', ['inventory', 1], { seconds: 1, cause: placed })
  const failed = failure(reserved, 'payment', 1, 2)
  const captured = fact(orderId, 'payment.captured', ['payment', 1], { seconds: 3, cause: reserved })
  const refused = fact(orderId, 'shipment.refused', ['shipping', 1], { seconds: 4, cause: captured })
  const released = fact(orderId, 'inventory.released', ['inventory', 2], { seconds: 5, cause: refused })
  const refunded = fact(orderId, 'payment.refunded', ['payment', 2], { seconds: 6, cause: refused })
  const cancelled = fact(orderId, 'order.cancelled', ['order', 6], { seconds: 7, cause: refunded })
  return [placed, reserved, failed, captured, refused, released, refunded, cancelled]
}

/**
 * Entries of which each may follow from an earlier one, told by services whose clocks differ by up to an
 * hour.
 */
export const anyStory: fc.Arbitrary<Entry[]> = fc
  .record({
    clocks: fc.array(fc.integer({ min: -3_600, max: 3_600 }), { minLength: 4, maxLength: 4 }),
    steps: fc.array(fc.record({ service: fc.nat(3), cause: fc.option(fc.nat(20)), took: fc.nat(10) }), {
      minLength: 1,
      maxLength: 15,
    }),
    lost: fc.array(fc.nat(14), { maxLength: 2 }),
  })
  .map(({ clocks, steps, lost }) => {
    const orderId = orderIdOf('0'.repeat(26))
    const entries: Entry[] = []
    let seconds = 0
    for (const [i, { service, cause, took }] of steps.entries()) {
      seconds += took
      const name = reactingNames[service] ?? 'order'
      const before = cause === null ? undefined : entries[cause % Math.max(1, i)]
      const at = seconds + (clocks[service] ?? 0)
      entries.push(
        fact(orderId, `${name}.did`, [name, i + 1], { seconds: at, ...(before && { cause: before }) }),
      )
    }
    return entries.filter((_, i) => !lost.includes(i))
  })

/** The same entries in any order of arrival, some of them twice. */
export const arriving = (entries: readonly Entry[]): fc.Arbitrary<Entry[]> =>
  fc
    .tuple(
      fc.shuffledSubarray([...entries], { minLength: entries.length }),
      fc.shuffledSubarray([...entries]),
    )
    .map(([all, again]) => [...all, ...again])
