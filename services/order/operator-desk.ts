import { z } from 'zod'
import { Books } from '../../shared/contract/door-answers.ts'
import type { OrderId, Sku } from '../../shared/contract/ids.ts'
import type { Clock } from '../../shared/runtime/clock.ts'
import { hasCode } from '../../shared/runtime/errors.ts'
import { type JsonService, jsonService } from '../../shared/runtime/json-call.ts'
import type { OrderConfig } from '../../shared/runtime/variables.ts'
import { type Erasure, erase } from '../../shared/saga/erase.ts'
import type { Kernel } from '../../shared/saga/kernel.ts'
import { isSettled, type Order } from './domain.ts'

/** Units to be added to the stock, once for each id. */
export type Wish = { readonly id: string; readonly units: number }

const Restocked = z.union([
  z.object({ outcome: z.literal('added'), stock: Books }),
  z.object({ outcome: z.enum(['unknown-sku', 'key-reused']) }),
])
const Erased = z.object({ outcome: z.enum(['erased', 'open', 'unknown']) })

/** What operators ask for beyond orders. What is not known to be done is `unavailable`: asking again is harmless. */
export type OperatorDesk = {
  restock(sku: Sku, wish: Wish): Promise<z.output<typeof Restocked> | { readonly outcome: 'unavailable' }>
  /** Replaces address and payment token in the documents of all services; `erased` only when all of them did. */
  erase(orderId: OrderId): Promise<Erasure | 'unavailable'>
}

/** The private ports of the services that keep something of an order. */
export type OtherServices = {
  readonly inventory: JsonService
  readonly all: readonly JsonService[]
  close(): void
}

const timeoutMs = 5_000

/** Where the configuration says that the other services are; none is contacted before it is needed. */
export const otherServices = (
  urls: Pick<OrderConfig, 'INVENTORY_URL' | 'PAYMENT_URL' | 'SHIPPING_URL'>,
  clock: Clock,
): OtherServices => {
  const at = (who: string, url: string) => jsonService({ who, url, clock, timeoutMs, sockets: 16 })
  const inventory = at('inventory', urls.INVENTORY_URL)
  const all = [inventory, at('payment', urls.PAYMENT_URL), at('shipping', urls.SHIPPING_URL)]
  return {
    ...{ inventory, all },
    close: () => {
      for (const one of all) one.close()
    },
  }
}

/** The desk of the operators: it asks the other services first, and the order's own document last. */
export const operatorDesk = (kernel: Kernel<Order>, { inventory, all }: OtherServices): OperatorDesk => ({
  restock: (sku, wish) =>
    inventory
      .post(`stock/${sku}/restock`, wish, Restocked)
      .catch(() => ({ outcome: 'unavailable' as const })),
  erase: async orderId => {
    const document = await kernel.store.load(orderId)
    if (!document) return 'unknown'
    if (!isSettled(document.state)) return 'open'
    const answers = await Promise.all(all.map(service => askToErase(service, orderId)))
    return answers.find(answer => answer === 'unavailable' || answer === 'open') ?? eraseHere(kernel, orderId)
  },
})

// Of what a newer release recorded this one does not know what is sensitive: an instance of that one has to be asked.
const eraseHere = (kernel: Kernel<Order>, orderId: OrderId): Promise<Erasure | 'unavailable'> =>
  erase(kernel, orderId).catch(error => {
    if (hasCode(error, 'event-newer')) return 'unavailable'
    throw error
  })

// A service that never heard of the order has nothing to erase.
const askToErase = async (service: JsonService, orderId: OrderId): Promise<Erasure | 'unavailable'> => {
  try {
    return (await service.post(`orders/${orderId}/erase`, {}, Erased)).outcome
  } catch {
    return 'unavailable'
  }
}
