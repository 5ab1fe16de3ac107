import type { WorkloadOrder } from '../../harness/workload.ts'
import type { OrderStatus } from '../../services/contract/fields.ts'

/** Where an order is, in the words of a customer. */
export type Place = 'sending' | 'open' | 'undoing' | Exclude<OrderStatus, 'placed'>

/** Where an order is. */
export const placeOf = ({ acceptedAt, seen }: WorkloadOrder): Place => {
  if (acceptedAt === undefined) return 'sending'
  if (!seen) return 'open'
  if (seen.status !== 'placed') return seen.status
  return seen.awaiting.includes('shipment.scheduled') ? 'open' : 'undoing'
}

const places: readonly Place[] = ['sending', 'open', 'undoing', 'confirmed', 'rejected', 'cancelled']

/** How many orders are where, in one line; `elapsedMs` since the run began. */
export const censusLine = (orders: readonly WorkloadOrder[], elapsedMs: number): string => {
  const counts = new Map<Place, number>(places.map(place => [place, 0]))
  for (const order of orders) counts.set(placeOf(order), (counts.get(placeOf(order)) ?? 0) + 1)
  const parts = places.map(place => `${counts.get(place)} ${place}`)
  return `${(elapsedMs / 1_000).toFixed(1).padStart(5)} s  ${parts.join(', ')}`
}
