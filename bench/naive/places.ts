import { z } from 'zod'

const Places = z.object({
  amqpUrl: z.string(),
  mongodbUrl: z.string(),
  redisUrl: z.string(),
  paymentProvider: z.string(),
  carrier: z.string(),
})

/** Where servers and providers are, as the bench tells its programs. */
export const places = Places.parse(JSON.parse(process.env.BENCH_PLACES ?? '{}'))

/** The port that this program listens on, its only argument. */
export const port = Number(process.argv[2])

/** Units of each SKU to begin with. */
export const stockUnits = Number(process.env.BENCH_STOCK_UNITS ?? 0)
