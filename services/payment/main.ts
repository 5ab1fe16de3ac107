import { openHost, runEngine } from '../../shared/hosting/host.ts'
import { type Env, loadConfig } from '../../shared/runtime/configuration/config.ts'
import type { StopStep } from '../../shared/runtime/lifecycle/drain.ts'
import { asProgram } from '../../shared/runtime/lifecycle/program.ts'
import { callTimeoutMs } from '../../shared/saga/process/intent.ts'
import { knownVariables } from '../configurations.ts'
import { shop } from '../contract/shop.ts'
import { configuration } from './configuration.ts'
import { askProvider } from './perform.ts'
import { httpPaymentProvider } from './provider.ts'
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
  const { stopSteps } = await runEngine(host, service, { hangUp: outside.close })
  return stopSteps
}

await asProgram(import.meta.url, 'payment', start)
