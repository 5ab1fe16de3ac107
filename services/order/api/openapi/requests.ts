import { z } from 'zod'
import { RestockUnits } from '../../../private-calls/stock.ts'

/** What an operator sends to add to the stock. */
export const RestockRequest = z.strictObject({ units: RestockUnits })

/** What names one wish of one caller, however often it is sent. */
export const IdempotencyKey = z.string().regex(/^[\x21-\x7e]{1,255}$/)
