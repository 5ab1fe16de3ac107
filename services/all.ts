import { environmentOf } from '../shared/runtime/config.ts'
import { asProgram } from '../shared/runtime/program.ts'
import { startInventory } from './inventory/main.ts'
import { startOrder } from './order/main.ts'
import { startPayment } from './payment/main.ts'
import { startShipping } from './shipping/main.ts'
import { startTracking } from './tracking/main.ts'

/** How each service is started. */
export const starts = {
  order: startOrder,
  inventory: startInventory,
  payment: startPayment,
  shipping: startShipping,
  tracking: startTracking,
}

/** All services in one process, each still with its own broker user, database and private port. */
const startAll = async () => {
  const running = Object.entries(starts).map(([name, start]) => start(environmentOf(name)))
  return (await Promise.all(running)).flat()
}

await asProgram(import.meta.url, 'all', startAll)
