import { hasCode } from '../../shared/runtime/errors.ts'
import type { Clock } from '../../shared/runtime/time/clock.ts'
import type { SagaContext } from '../../shared/saga/context.ts'
import { type Erasure, erase } from '../../shared/saga/process/erase.ts'
import type { ResolutionOutcome } from '../../shared/saga/process/resolve.ts'
import type { OrderId, Sku } from '../contract/ids.ts'
import { ErasureAnswer } from '../private-calls/erasure.ts'
import { ResolutionAnswer, type ResolutionRequest } from '../private-calls/resolution.ts'
import { RestockAnswer, type RestockCommand } from '../private-calls/stock.ts'
import { reactingNames } from '../registry.ts'
import { type PrivateClient, privateClient } from './api/private-client.ts'
import { type OrderConfig, otherNames, urlVariableOf } from './configuration.ts'
import { isSettled, type Order } from './domain.ts'

/**
 * What operators ask for beyond orders. What is not known to be done is `unavailable`: asking again is
 * harmless.
 */
export type OperatorPort = {
  restock(sku: Sku, wish: RestockCommand): Promise<RestockAnswer | { readonly outcome: 'unavailable' }>
  /**
   * Replaces address and payment token in the documents of all services; `erased` only when all of them did.
   */
  erase(orderId: OrderId): Promise<Erasure | 'unavailable'>
  /** Ends the stuck call of one service by a decision. */
  resolve(orderId: OrderId, wish: ResolutionRequest): Promise<ResolutionOutcome | 'unavailable'>
}

/** The private ports of the services that keep something of an order; `all` has inventory too. */
export type OtherServices = {
  readonly inventory: PrivateClient
  readonly all: readonly PrivateClient[]
  named(name: ResolutionRequest['service']): PrivateClient
}

const timeoutMs = 5_000

/** The other services that react, where the configuration says that they are. */
export const otherServices = (config: OrderConfig, clock: Clock): OtherServices => {
  const at = (name: (typeof otherNames)[number]) =>
    privateClient(config[urlVariableOf(name)], { clock, timeoutMs })
  const reacting: readonly string[] = reactingNames
  return {
    inventory: at('inventory'),
    named: at,
    all: otherNames.filter(name => reacting.includes(name)).map(at),
  }
}

/** The use cases of operators: it asks the other services first, and the order's own document last. */
export const operatorUseCases = (
  context: SagaContext<Order>,
  { inventory, all, named }: OtherServices,
): OperatorPort => ({
  restock: async (sku, wish) => {
    const answer = await inventory.post(`/stock/${sku}/restock`, wish, RestockAnswer)
    return answer === 'unavailable' ? { outcome: answer } : answer
  },
  erase: async orderId => {
    const document = await context.store.load(orderId)
    if (!document) return 'unknown'
    if (!isSettled(document.state)) return 'open'
    const answers = await Promise.all(all.map(service => askToErase(service, orderId)))
    return (
      answers.find(answer => answer === 'unavailable' || answer === 'open') ?? eraseHere(context, orderId)
    )
  },
  resolve: async (orderId, { service, ...resolution }) => {
    const answer = await named(service).post(`/orders/${orderId}/resolve`, resolution, ResolutionAnswer)
    return answer === 'unavailable' ? answer : answer.outcome
  },
})

// This release does not know what is sensitive in what a newer one recorded: an instance of that one has to
// be asked.
const eraseHere = (context: SagaContext<Order>, orderId: OrderId): Promise<Erasure | 'unavailable'> =>
  erase(context, orderId).catch(error => {
    if (hasCode(error, 'event-newer')) return 'unavailable'
    throw error
  })

// A service that never heard of the order has nothing to erase.
const askToErase = async (service: PrivateClient, orderId: OrderId): Promise<Erasure | 'unavailable'> => {
  const answer = await service.post(`/orders/${orderId}/erase`, {}, ErasureAnswer)
  return answer === 'unavailable' ? answer : answer.outcome
}
