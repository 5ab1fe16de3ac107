import { placeOrder } from '../../services/order/domain.ts'
import { orderService } from '../../services/order/reactions.ts'
import { fold } from '../../shared/saga/define/service.ts'
import { anEvent } from '../support/events.ts'

const placedFact = anEvent('order.placed')
const placed = placeOrder(
  { fingerprint: 'f'.repeat(64), deadline: 0 },
  placedFact.data as never,
)({ status: 'none' })
/** The facts of an order that was placed over HTTP. */
export const placedFacts = placed.kind === 'accept' ? placed.facts : []

/** The order service, of which every order was placed already. */
export const placedOrder = {
  ...orderService,
  initial: fold(orderService, orderService.initial, placedFacts),
}
