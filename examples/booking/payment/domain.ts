import { accept } from '../../../shared/saga/define/decision.ts'
import { PaymentCaptured, PaymentDeclined, PaymentRefunded, type TripRequested } from '../contract.ts'
import { type Answer, giveBack, type Part, type Request, take } from '../part.ts'

/** Asks the bank for a charge, unless the trip has failed already. */
export const chargeTrip = (part: Part, { data }: TripRequested) => take(part, data.payment)

export const concludeCharge = (_: Part, __: Request, { granted }: Answer) =>
  granted ? accept(PaymentCaptured({})) : accept(PaymentDeclined({}))

/** Gives it back, or makes sure that it is never taken. */
export const refundTrip = (part: Part) => giveBack(part, PaymentRefunded({}))

export const concludeRefund = () => accept(PaymentRefunded({}))
