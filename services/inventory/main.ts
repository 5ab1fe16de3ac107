import { openHost, runEngine } from '../../shared/hosting/host.ts'
import { type Env, loadConfig } from '../../shared/runtime/configuration/config.ts'
import type { StopStep } from '../../shared/runtime/lifecycle/drain.ts'
import { asProgram } from '../../shared/runtime/lifecycle/program.ts'
import { periodically } from '../../shared/runtime/time/periodic.ts'
import { load } from '../../shared/saga/context.ts'
import { seededSkus } from '../catalogue.ts'
import { knownVariables } from '../configurations.ts'
import type { OrderId } from '../contract/ids.ts'
import { shop } from '../contract/shop.ts'
import { configuration } from './configuration.ts'
import { askStock } from './perform.ts'
import { inventoryService } from './reactions.ts'
import { lotWriter } from './stock/lot-writer.ts'
import { ensureRestockIndexes, mongoRestockStore } from './stock/mongo-restock-store.ts'
import { ensureStockIndexes, mongoStockStore } from './stock/mongo-store.ts'
import { resumeRestocks } from './stock/restock.ts'
import { stockRoutes } from './stock/routes.ts'
import { seed } from './stock/supply.ts'
import { sweepStock } from './stock/sweep.ts'

const sweep = { everyMs: 15_000, olderThanMs: 30_000 }

/** Starts an instance of inventory; resolves with what stopping it takes. */
export const start = async (env?: Env): Promise<readonly StopStep[]> => {
  const loaded = loadConfig(configuration, env, knownVariables)
  const { config } = loaded
  const host = openHost(shop, 'inventory', loaded)
  const lots = host.db.collection('lots')
  const store = mongoStockStore(lots)
  const stock = lotWriter(store, host.random)
  const restocked = host.db.collection('restocks')
  const supply = { stock: store, restocks: mongoRestockStore(restocked), alone: stock.alone }
  const { engine, stopSteps } = await runEngine(host, inventoryService(askStock(stock, host.clock)), {
    seeded: async () => {
      await Promise.all([ensureStockIndexes(lots), ensureRestockIndexes(restocked)])
      await Promise.all(seededSkus.map(sku => seed(store, { sku, units: config.CHOREO_STOCK_UNITS })))
    },
    routes: stockRoutes(supply, host.clock),
  })
  const orderOf = async (orderId: OrderId) => {
    const { version, token, state } = await load(engine.context, orderId)
    return version === 0 ? undefined : { token, open: state.status !== 'closed' }
  }
  const sweeping = periodically(host, 'stock', sweep.everyMs, () =>
    sweepStock({ store, lotWriter: stock, orderOf, olderThanMs: sweep.olderThanMs, clock: host.clock }),
  )
  const resuming = periodically(host, 'restocks', sweep.everyMs, () =>
    resumeRestocks(supply, host.clock.now() - sweep.olderThanMs),
  )
  return [
    { name: 'stop sweeping the stock', run: () => sweeping.stop() },
    { name: 'stop resuming restocks', run: () => resuming.stop() },
    ...stopSteps,
  ]
}

await asProgram(import.meta.url, 'inventory', start)
