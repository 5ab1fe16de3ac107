/**
 * What the kernel and the four services cost over adapters in memory, without drivers and servers: CPU time
 * of this process per order. `node dist/bench/parts/kernel.js [orders] [rounds]`; one line of JSON per round.
 */
import { memoryLedger } from '../../local/providers/ledger.ts'
import { simulatedCarrier } from '../../local/providers/simulated-carrier.ts'
import { simulatedPaymentProvider } from '../../local/providers/simulated-payment.ts'
import { shopTopology } from '../../rabbitmq/participants.ts'
import { catalogue, seededSkus } from '../../services/catalogue.ts'
import { shop } from '../../services/contract/shop.ts'
import { askStock } from '../../services/inventory/perform.ts'
import { inventoryService } from '../../services/inventory/reactions.ts'
import { lotWriter } from '../../services/inventory/stock/lot-writer.ts'
import { memoryStockStore } from '../../services/inventory/stock/memory-store.ts'
import { seed } from '../../services/inventory/stock/supply.ts'
import { orderUseCases } from '../../services/order/order-use-cases.ts'
import { orderService } from '../../services/order/reactions.ts'
import { askProvider } from '../../services/payment/perform.ts'
import { paymentService } from '../../services/payment/reactions.ts'
import { askCarrier } from '../../services/shipping/perform.ts'
import { shippingService } from '../../services/shipping/reactions.ts'
import { sagaObserver } from '../../shared/hosting/metrics/saga.ts'
import { memoryBroker } from '../../shared/messaging/memory/broker.ts'
import { waits } from '../../shared/messaging/topology/names.ts'
import { systemRandom as random } from '../../shared/runtime/random.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { openMetrics } from '../../shared/runtime/telemetry/metrics.ts'
import { systemClock as clock, sleep } from '../../shared/runtime/time/clock.ts'
import type { Service } from '../../shared/saga/define/service.ts'
import { startEngine } from '../../shared/saga/engine.ts'
import { memoryDoneCache, memoryStore } from '../../shared/storage/memory/store.ts'

const [orders = 5_000, rounds = 4] = process.argv.slice(2).map(Number)
const keep = <T>(value: T): T => value
const broker = memoryBroker({ topology: shopTopology(), clock })
const stock = memoryStockStore({ keep })
const ledger = () => ({ clock, ledger: memoryLedger<never>() })
const start = <S>(service: Service<S>) =>
  startEngine<S>({
    ...{ service, clock, random, log: silentLog, prefetch: 512, done: memoryDoneCache() },
    ...{ broker: broker.as(service.name), store: memoryStore<S>({ keep }) },
    observer: sagaObserver(shop, openMetrics(service.name)),
    retryPolicy: { delays: waits, maxAttempts: 8 },
  })

await Promise.all(seededSkus.map(sku => seed(stock, { sku, units: 1_000_000 })))
start(inventoryService(askStock(lotWriter(stock, random), clock)))
start(paymentService(askProvider(simulatedPaymentProvider(ledger())), 1_000))
start(shippingService(askCarrier(simulatedCarrier(ledger())), 1_000))
const order = start(orderService)
const orderPort = orderUseCases(order.context, { catalogue, deadlineMs: 600_000 })

const request = (i: number) => {
  const [first, second] = [i % 100, (i * 7 + 13) % 100].map(n => seededSkus[n] as (typeof seededSkus)[number])
  const lines = [{ sku: first, quantity: 1 }, ...(second === first ? [] : [{ sku: second, quantity: 2 }])]
  const shipTo = { name: 'A', line1: '1 High Street', city: 'Bristol', postalCode: 'BS1 1AA', country: 'GB' }
  const token = i % 20 === 19 ? 'tok_decline' : 'tok_approve'
  return { customerId: `c-${i % 500}`, lines, payment: { token }, shipTo } as Parameters<
    typeof orderPort.place
  >[1]
}

const settled = async (orderId: Parameters<typeof orderPort.find>[0]) => {
  while ((await orderPort.find(orderId))?.awaiting.length !== 0) await sleep(clock, 5)
}

for (let round = 0; round < rounds; round += 1) {
  const before = process.cpuUsage()
  const placed = await Promise.all(
    Array.from({ length: orders }, (_, i) => orderPort.place('bench', request(i))),
  )
  for (const placing of placed) if (placing.kind === 'placed') await settled(placing.orderId)
  const { user, system } = process.cpuUsage(before)
  process.stdout.write(
    `${JSON.stringify({ orders, cpuMicrosPerOrder: Math.round((user + system) / orders) })}\n`,
  )
}
process.exit(0)
