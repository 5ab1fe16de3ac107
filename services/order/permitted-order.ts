import type { Actor } from '../../shared/commands/handler.ts'
import type { OrderId } from '../contract/ids.ts'
import type { OrderPort, OrderView } from './order-port.ts'

/**
 * The order, for its caller and for operators. Another's order is as unknown as one that does not exist:
 * nobody learns which ids there are.
 */
export const permittedOrder = async (
  orders: Pick<OrderPort, 'find'>,
  orderId: OrderId,
  actor: Actor,
): Promise<OrderView | undefined> => {
  const order = await orders.find(orderId)
  return order && (actor.operator || order.caller === actor.name) ? order : undefined
}
