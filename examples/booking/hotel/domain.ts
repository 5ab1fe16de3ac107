import { accept } from '../../../shared/saga/define/decision.ts'
import { HotelBooked, HotelCancelled, HotelRefused, type TripRequested } from '../contract.ts'
import { type Answer, giveBack, type Part, type Request, take } from '../part.ts'

/** Asks the hotel for a room, unless the trip has failed already. */
export const bookRoom = (part: Part, { data }: TripRequested) => take(part, data.hotel)

export const concludeBooking = (_: Part, __: Request, { granted }: Answer) =>
  granted ? accept(HotelBooked({})) : accept(HotelRefused({}))

/** Gives it back, or makes sure that it is never taken. */
export const cancelRoom = (part: Part) => giveBack(part, HotelCancelled({}))

export const concludeCancel = () => accept(HotelCancelled({}))
