import { accept } from '../../../shared/saga/define/decision.ts'
import { CarBooked, CarCancelled, CarRefused, type TripRequested } from '../contract.ts'
import { type Answer, giveBack, type Part, type Request, take } from '../part.ts'

/** Asks the rental for a car, unless the trip has failed already. */
export const rentCar = (part: Part, { data }: TripRequested) => take(part, data.car)

export const concludeRental = (_: Part, __: Request, { granted }: Answer) =>
  granted ? accept(CarBooked({})) : accept(CarRefused({}))

/** Gives it back, or makes sure that it is never taken. */
export const cancelCar = (part: Part) => giveBack(part, CarCancelled({}))

export const concludeCancel = () => accept(CarCancelled({}))
