import { openHost, runEngine } from '../../shared/hosting/host.ts'
import { type Env, loadConfig } from '../../shared/runtime/configuration/config.ts'
import type { StopStep } from '../../shared/runtime/lifecycle/drain.ts'
import { asProgram } from '../../shared/runtime/lifecycle/program.ts'
import { callTimeoutMs } from '../../shared/saga/process/intent.ts'
import { knownVariables } from '../configurations.ts'
import { shop } from '../contract/shop.ts'
import { httpCarrier } from './carrier.ts'
import { configuration } from './configuration.ts'
import { askCarrier } from './perform.ts'
import { shippingService } from './reactions.ts'

/** Starts an instance of shipping; resolves with what stopping it takes. */
export const start = async (env?: Env): Promise<readonly StopStep[]> => {
  const loaded = loadConfig(configuration, env, knownVariables)
  const { config } = loaded
  const host = openHost(shop, 'shipping', loaded)
  const outside = httpCarrier({ url: config.CARRIER_URL, timeoutMs: callTimeoutMs, clock: host.clock })
  const service = shippingService(askCarrier(outside), config.CHOREO_PATIENCE_MS)
  const { stopSteps } = await runEngine(host, service, { hangUp: outside.close })
  return stopSteps
}

await asProgram(import.meta.url, 'shipping', start)
