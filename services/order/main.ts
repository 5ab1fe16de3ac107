import { openHost, runOn } from '../../shared/hosting/host.ts'
import { type Env, loadConfig } from '../../shared/runtime/config.ts'
import type { StopStep } from '../../shared/runtime/drain.ts'
import { asProgram } from '../../shared/runtime/program.ts'
import { catalogue } from '../catalogue.ts'
import { knownVariables } from '../configurations.ts'
import { shop } from '../contract/shop.ts'
import { configuration } from './configuration.ts'
import { orderDesk } from './front-desk.ts'
import { doorFigures } from './http/figures.ts'
import { stockFrom } from './http/stock.ts'
import { trackingFrom } from './http/tracking.ts'
import { httpDoor } from './http.ts'
import { openOrders, watch } from './open-orders.ts'
import { operatorDesk, otherServices } from './operator-desk.ts'
import { orderService } from './reactions.ts'

/** Starts an instance of order with its public door; resolves with what stopping it takes. */
export const start = async (env?: Env): Promise<readonly StopStep[]> => {
  const loaded = loadConfig(configuration, env, knownVariables)
  const { config } = loaded
  const host = openHost(shop, 'order', loaded)
  const bounds = { limit: config.CHOREO_MAX_OPEN_ORDERS, deadlineMs: config.CHOREO_ORDER_DEADLINE }
  const { seen, watching } = watch({ ...host, ...bounds })
  const { engine, stopSteps } = await runOn(host, orderService, { watching })
  const open = openOrders(engine.kernel.store, seen, { ...host, ...bounds })
  const desk = orderDesk(engine.kernel, { catalogue, deadlineMs: config.CHOREO_ORDER_DEADLINE })
  const stock = stockFrom(config.INVENTORY_URL, host)
  const tracking = trackingFrom(config.TRACKING_URL, host)
  const operator = operatorDesk(engine.kernel, otherServices(config, host.clock))
  const refused = doorFigures(host.metrics, open.open)
  const door = httpDoor({ ...host, desk, stock, tracking, operator, openOrders: open, refused, config })
  const { port } = await door.listen()
  host.log.info('the public door listens', { port })
  return [
    { name: 'close the public door', run: () => door.drain() },
    { name: 'stop counting open orders', run: () => open.stop() },
    ...stopSteps,
  ]
}

await asProgram(import.meta.url, 'order', start)
