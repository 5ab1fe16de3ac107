import { openHost, runOn } from '../../shared/hosting/host.ts'
import { type Env, loadConfig } from '../../shared/runtime/config.ts'
import type { StopStep } from '../../shared/runtime/drain.ts'
import { asProgram } from '../../shared/runtime/program.ts'
import { paymentConfig } from '../../shared/runtime/variables.ts'
import { askProvider } from './ask-provider.ts'
import { httpPaymentProvider } from './gateway.ts'
import { paymentService } from './reactions.ts'

/** Below the lease of a detached call, so that nobody else takes it up while it is still open here. */
const callTimeoutMs = 10_000

/** Starts an instance of payment; resolves with what stopping it takes. */
export const startPayment = async (env?: Env): Promise<readonly StopStep[]> => {
  const { config, warnings } = loadConfig(paymentConfig, env)
  const host = openHost('payment', config)
  for (const warning of warnings) host.log.warn(warning)
  const outside = httpPaymentProvider({
    url: config.PAYMENT_PROVIDER_URL,
    timeoutMs: callTimeoutMs,
    clock: host.clock,
  })
  const service = paymentService(askProvider(outside), config.CHOREO_PATIENCE_MS)
  const { stopSteps } = await runOn(host, service, { hangUp: outside.close })
  return stopSteps
}

await asProgram(import.meta.url, 'payment', startPayment)
