import { callsNobody, type Service } from '../shared/saga/service.ts'
import { inventoryService } from './inventory/reactions.ts'
import { orderService } from './order/reactions.ts'
import { paymentService } from './payment/reactions.ts'
import { shippingService } from './shipping/reactions.ts'

/** Every service that reacts, by its rules alone: for tools that explain and foretell. Their calls reach nobody. */
export const rules = [
  orderService,
  inventoryService(callsNobody),
  paymentService(callsNobody, 0),
  shippingService(callsNobody, 0),
] as unknown as readonly Service[] // each is only ever given documents of its own
