import { catalogue } from '../../../services/catalogue.ts'
import type { OrderId } from '../../../services/contract/ids.ts'
import type { Order } from '../../../services/order/domain.ts'
import type { OrderPort, OrderRequest } from '../../../services/order/order-port.ts'
import { orderUseCases } from '../../../services/order/order-use-cases.ts'
import type { SagaContext } from '../../../shared/saga/context.ts'
import { Violation } from '../checks/violation.ts'
import type { OrderPlan } from '../scenarios/scenario.ts'
import type { Step } from './schedule.ts'
import { deadlineMs, type Instance, type Shop } from './shop.ts'

/** A call over HTTP that is under way at an instance; when that dies, its client gives up waiting. */
type Request = { readonly at: Instance; state: 'open' | 'answered' | 'failed' }

/** What a customer knows of an order: they repeat a request with the same key until it is answered. */
export type Customer = {
  readonly plan: OrderPlan
  readonly name: string
  orderId: OrderId | undefined
  /** Requests to place that are still to be answered. */
  readonly placing: Request[]
  wanted: number
  cancelled: 'asked' | 'terminal' | undefined
  cancelling: Request | undefined
}

export const customersOf = (shop: Shop): Customer[] =>
  shop.scenario.orders.map((plan, n) => ({
    plan,
    name: `customer ${n + 1}`,
    orderId: undefined,
    placing: [],
    wanted: plan.twice ? 2 : 1,
    cancelled: undefined,
    cancelling: undefined,
  }))

const requestOf = ({ token, lines, refusedByCarrier }: OrderPlan): OrderRequest =>
  ({
    customerId: 'customer-1',
    lines,
    payment: { token },
    shipTo: {
      ...{ name: 'A. Buyer', line1: '1 Main Street', city: 'Springfield', country: 'US' },
      postalCode: refusedByCarrier ? 'XX0 0XX' : '12345',
    },
  }) as OrderRequest

const deskOf = (instance: Instance): OrderPort =>
  orderUseCases(instance.engine.context as SagaContext<Order>, {
    catalogue: catalogue.slice(0, 2),
    deadlineMs,
  })

/** What customers may do next. */
export const clientSteps = (
  shop: Shop,
  customers: readonly Customer[],
  stepsSoFar: number,
  into: Step[],
): void => {
  const orderInstances = shop.instances.filter(one => one.service === 'order' && one.alive)
  for (const customer of customers) {
    const open = customer.placing.filter(({ state, at }) => state === 'open' && at.alive).length
    const answered = customer.placing.filter(({ state }) => state === 'answered').length
    if (open + answered < customer.wanted)
      for (const at of orderInstances)
        into.push(stepOf(shop, customer, 'places an order', at, () => place(shop, customer, at)))
    if (mayCancel(customer, stepsSoFar))
      for (const at of orderInstances)
        into.push(stepOf(shop, customer, 'asks for a cancel', at, () => cancel(shop, customer, at)))
  }
}

const mayCancel = ({ plan, orderId, cancelled, cancelling }: Customer, stepsSoFar: number) =>
  plan.cancelFrom !== undefined &&
  orderId !== undefined &&
  cancelled === undefined &&
  plan.cancelFrom <= stepsSoFar &&
  (cancelling?.state !== 'open' || !cancelling.at.alive)

const stepOf = (shop: Shop, customer: Customer, what: string, at: Instance, run: () => void): Step => ({
  owner: shop.world,
  key: customer.name,
  run,
  text: () => `${customer.name} ${what} at ${at.name}`,
})

const place = (shop: Shop, customer: Customer, at: Instance): void => {
  const request: Request = { at, state: 'open' }
  customer.placing.push(request)
  if (customer.placing.length > customer.wanted) shop.hit('a request to place was repeated')
  deskOf(at)
    .place('caller-1', requestOf(customer.plan), `key of ${customer.name}`)
    .then(
      placing => {
        if (placing.kind !== 'placed') return raise(shop, `${customer.name} got ${placing.kind}`)
        if (customer.orderId !== undefined && customer.orderId !== placing.orderId)
          return raise(shop, `${customer.name} got two orders for one key`)
        customer.orderId = placing.orderId
        request.state = 'answered'
      },
      () => {
        request.state = 'failed'
      },
    )
}

const cancel = (shop: Shop, customer: Customer, at: Instance): void => {
  const request: Request = { at, state: 'open' }
  customer.cancelling = request
  if (!customer.orderId) return
  deskOf(at)
    .cancel(customer.orderId)
    .then(
      outcome => {
        if (outcome === 'unknown') return raise(shop, `${customer.name} is told that the order is unknown`)
        shop.hit(`cancel ${outcome}`)
        customer.cancelled = outcome
        request.state = 'answered'
      },
      () => {
        request.state = 'failed'
      },
    )
}

const raise = (shop: Shop, what: string): void => {
  shop.alarm ??= new Violation(what)
}
