import { z } from 'zod'
import { httpUrl, variable } from '../../shared/runtime/configuration/variable.ts'
import { calling, healthPort, reacting } from '../../shared/runtime/variables.ts'
import { privatePortOf } from '../registry.ts'

/** Shipping: its carrier. */
export const configuration = z.object({
  ...reacting,
  ...calling,
  ...healthPort(privatePortOf('shipping')),
  CARRIER_URL: variable(httpUrl, {
    description: 'The carrier that takes shipments.',
    expected: 'an http:// or https:// URL without ? and #',
    secret: true,
  }),
})
