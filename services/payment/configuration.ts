import { z } from 'zod'
import { httpUrl, variable } from '../../shared/runtime/configuration/variable.ts'
import { calling, healthPort, reacting } from '../../shared/runtime/variables.ts'
import { privatePortOf } from '../registry.ts'

/** Payment: its provider. */
export const configuration = z.object({
  ...reacting,
  ...calling,
  ...healthPort(privatePortOf('payment')),
  PAYMENT_PROVIDER_URL: variable(httpUrl, {
    description: 'The payment provider that charges and refunds.',
    expected: 'an http:// or https:// URL without ? and #',
    secret: true,
  }),
})
