import { z } from 'zod'
import { healthPort, servers, service } from '../../shared/runtime/variables.ts'
import { privatePortOf } from '../registry.ts'

/** Tracking: the journal, and where what it contains is kept. */
export const configuration = z.object({
  ...service,
  ...healthPort(privatePortOf('tracking')),
  AMQP_URL: servers.AMQP_URL,
  MONGODB_URL: servers.MONGODB_URL,
})

export type TrackingConfig = z.output<typeof configuration>
