import { openHost, runOn } from '../../shared/hosting/host.ts'
import { type Env, loadConfig } from '../../shared/runtime/config.ts'
import type { StopStep } from '../../shared/runtime/drain.ts'
import { asProgram } from '../../shared/runtime/program.ts'
import { callTimeoutMs } from '../../shared/saga/intent.ts'
import { knownVariables } from '../configurations.ts'
import { shop } from '../contract/shop.ts'
import { askProvider } from './ask-provider.ts'
import { configuration } from './configuration.ts'
import { httpPaymentProvider } from './gateway.ts'
import { paymentService } from './reactions.ts'

/** Starts an instance of payment; resolves with what stopping it takes. */
export const start = async (env?: Env): Promise<readonly StopStep[]> => {
  const loaded = loadConfig(configuration, env, knownVariables)
  const { config } = loaded
  const host = openHost(shop, 'payment', loaded)
  const outside = httpPaymentProvider({
    url: config.PAYMENT_PROVIDER_URL,
    timeoutMs: callTimeoutMs,
    clock: host.clock,
  })
  const service = paymentService(askProvider(outside), config.CHOREO_PATIENCE_MS)
  const { stopSteps } = await runOn(host, service, { hangUp: outside.close })
  return stopSteps
}

await asProgram(import.meta.url, 'payment', start)
