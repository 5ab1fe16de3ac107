import { z } from 'zod'
import { type CommandBus, commandBus, idReused } from '../../shared/commands/command-bus.ts'
import { defineCommand } from '../../shared/commands/define.ts'
import { base32, type Random } from '../../shared/runtime/random.ts'
import type { Erasure } from '../../shared/saga/process/erase.ts'
import { OrderId, Sku } from '../contract/ids.ts'
import { ResolutionRequest } from '../private-calls/resolution.ts'
import { RestockRequest } from './api/openapi/requests.ts'
import { digestOf } from './digest.ts'
import type { OperatorPort } from './operator-use-cases.ts'
import { type OrderPort, OrderRequest, type PlaceOrderResult } from './order-port.ts'
import { permittedOrder } from './permitted-order.ts'

type Placing = Exclude<PlaceOrderResult, { kind: 'key-reused' }>
type Restocking = Exclude<Awaited<ReturnType<OperatorPort['restock']>>, { outcome: 'key-reused' }>
type Resolving = {
  readonly service: ResolutionRequest['service']
  readonly outcome: Awaited<ReturnType<OperatorPort['resolve']>>
}

/** Places an order. The order's document is the record of its answer. */
export const PlaceOrder = defineCommand({
  name: 'place-order',
  schema: OrderRequest,
  answer: z.custom<Placing>(),
  repeat: 'same-answer',
})

/** Asks for an order to be cancelled, which shipping decides. */
export const CancelOrder = defineCommand({
  name: 'cancel-order',
  subject: OrderId,
  answer: z.custom<'asked' | 'terminal' | 'unknown'>(),
  repeat: 'harmless',
})

/** Adds to the stock of a SKU. Inventory's record of the restock is that of its answer. */
export const RestockSku = defineCommand({
  name: 'restock-sku',
  subject: Sku,
  schema: RestockRequest,
  answer: z.custom<Restocking>(),
  repeat: 'same-answer',
})

/** Erases address and payment token of a settled order in every service. */
export const EraseOrder = defineCommand({
  name: 'erase-order',
  subject: OrderId,
  answer: z.custom<Erasure | 'unavailable'>(),
  repeat: 'harmless',
})

/** Ends the stuck call of one service by a decision, which that service has on record. */
export const ResolveOrder = defineCommand({
  name: 'resolve-order',
  subject: OrderId,
  schema: ResolutionRequest,
  answer: z.custom<Resolving>(),
  repeat: 'harmless',
})

/** Everything that the order service is told to do. */
export const commandDefinitions = [PlaceOrder, CancelOrder, RestockSku, EraseOrder, ResolveOrder] as const

/** The way to these commands. */
export type OrderCommands = CommandBus<(typeof commandDefinitions)[number]>

/** What the handlers of these commands stand on. */
export type CommandDeps = {
  readonly orders: OrderPort
  readonly operator: OperatorPort
  readonly random: Random
}

/** The commands of the order service over its use cases. Who may send which is for the API to say. */
export const orderCommands = ({ orders, operator, random }: CommandDeps): OrderCommands =>
  commandBus(commandDefinitions, {
    'place-order': async ({ content }, { actor, id, traceparent }) => {
      const placing = await orders.place(actor.name, content, id, traceparent)
      return placing.kind === 'key-reused' ? idReused : placing
    },
    'cancel-order': async ({ subject }, { actor }) => {
      const order = await permittedOrder(orders, subject, actor)
      return order ? orders.cancel(subject) : 'unknown'
    },
    'restock-sku': async ({ subject, content }, { actor, id }) => {
      const restocking = await operator.restock(subject, {
        id: restockId(random, actor.name, id),
        units: content.units,
      })
      return restocking.outcome === 'key-reused' ? idReused : restocking
    },
    'erase-order': ({ subject }) => operator.erase(subject),
    'resolve-order': async ({ subject, content }) => ({
      service: content.service,
      outcome: await operator.resolve(subject, content),
    }),
  })

/** The same for the same caller and key; one of its own when there is no key. */
const restockId = (random: Random, caller: string, key: string | undefined): string =>
  `rst_${key === undefined ? random.id() : base32(digestOf([caller, key]))}`
