import type { BatchLimits } from '../runtime/coalesce.ts'

/** What suits a database: bulks of 512, and a second one on its way while the first is being written. */
export const databaseBatchLimits: BatchLimits = { limit: 512, inFlight: 2 }
