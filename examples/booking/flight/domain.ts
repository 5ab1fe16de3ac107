import { accept } from '../../../shared/saga/define/decision.ts'
import { FlightBooked, FlightCancelled, FlightRefused, type TripRequested } from '../contract.ts'
import { type Answer, giveBack, type Part, type Request, take } from '../part.ts'

/** Asks the airline for a seat, unless the trip has failed already. */
export const bookFlight = (part: Part, { data }: TripRequested) => take(part, data.flight)

export const concludeBooking = (_: Part, __: Request, { granted }: Answer) =>
  granted ? accept(FlightBooked({})) : accept(FlightRefused({}))

/** Gives it back, or makes sure that it is never taken. */
export const cancelFlight = (part: Part) => giveBack(part, FlightCancelled({}))

export const concludeCancel = () => accept(FlightCancelled({}))
