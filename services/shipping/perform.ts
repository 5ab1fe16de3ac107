import type { Perform } from '../../shared/saga/define/service.ts'
import type { Carrier } from './carrier.ts'
import type { CarrierCall } from './domain.ts'

/**
 * Carries out what the domain asks of the carrier, under the key `<order>:shipment` that makes it happen
 * once.
 */
export const askCarrier =
  (carrier: Carrier): Perform =>
  async (request, { subject: orderId }) => {
    const { shipTo } = request as CarrierCall
    return { answer: await carrier.schedule({ key: `${orderId}:shipment`, orderId, shipTo }) }
  }
