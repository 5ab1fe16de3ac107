import { openHost, runEngine } from '../../shared/hosting/host.ts'
import { type Env, loadConfig } from '../../shared/runtime/configuration/config.ts'
import type { StopStep } from '../../shared/runtime/lifecycle/drain.ts'
import { asProgram } from '../../shared/runtime/lifecycle/program.ts'
import { catalogue } from '../catalogue.ts'
import { knownVariables } from '../configurations.ts'
import { shop } from '../contract/shop.ts'
import { registerApiMetrics } from './api/metrics.ts'
import { apiServer } from './api/server.ts'
import { stockFrom } from './api/stock-reader.ts'
import { trackingFrom } from './api/tracking-reader.ts'
import { configuration } from './configuration.ts'
import { openOrders, watch } from './open-orders.ts'
import { operatorUseCases, otherServices } from './operator-use-cases.ts'
import { orderUseCases } from './order-use-cases.ts'
import { orderService } from './reactions.ts'

/** Starts an instance of order with its public API; resolves with what stopping it takes. */
export const start = async (env?: Env): Promise<readonly StopStep[]> => {
  const loaded = loadConfig(configuration, env, knownVariables)
  const { config } = loaded
  const host = openHost(shop, 'order', loaded)
  const bounds = { limit: config.CHOREO_MAX_OPEN_ORDERS, deadlineMs: config.CHOREO_ORDER_DEADLINE }
  const { seen, watching } = watch({ ...host, ...bounds })
  const { engine, stopSteps } = await runEngine(host, orderService, { watching })
  const open = openOrders(engine.context.store, seen, { ...host, ...bounds })
  const orders = orderUseCases(engine.context, { catalogue, deadlineMs: config.CHOREO_ORDER_DEADLINE })
  const stock = stockFrom(config.INVENTORY_URL, host)
  const tracking = trackingFrom(config.TRACKING_URL, host)
  const operator = operatorUseCases(engine.context, otherServices(config, host.clock))
  const refused = registerApiMetrics(host.metrics, open.open)
  const api = apiServer({ ...host, orders, stock, tracking, operator, openOrders: open, refused, config })
  const { port } = await api.listen()
  host.log.info('the public API listens', { port })
  return [
    { name: 'close the public API', run: () => api.drain() },
    { name: 'stop counting open orders', run: () => open.stop() },
    ...stopSteps,
  ]
}

await asProgram(import.meta.url, 'order', start)
