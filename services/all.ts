import { asProgram } from '../shared/runtime/program.ts'
import { startInventory } from './inventory/main.ts'
import { startOrder } from './order/main.ts'
import { startPayment } from './payment/main.ts'
import { startShipping } from './shipping/main.ts'

const starts = {
  order: startOrder,
  inventory: startInventory,
  payment: startPayment,
  shipping: startShipping,
}

/** What one service reads: the environment, over which `<SERVICE>__NAME` wins for that service alone. */
const environmentOf = (service: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
  const prefix = `${service.toUpperCase()}__`
  const own = Object.entries(env).filter(([name]) => name.startsWith(prefix))
  return { ...env, ...Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value])) }
}

/** All services in one process, each still with its own broker user, database and private port. */
const startAll = async () => {
  const running = Object.entries(starts).map(([name, start]) => start(environmentOf(name, process.env)))
  return (await Promise.all(running)).flat()
}

await asProgram(import.meta.url, 'all', startAll)
