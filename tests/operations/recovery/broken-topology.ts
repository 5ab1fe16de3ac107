import { shopTopology } from '../../../rabbitmq/participants.ts'
import type { OrderId } from '../../../services/contract/ids.ts'
import { shop } from '../../../services/contract/shop.ts'
import { amqpJournalSpan } from '../../../shared/messaging/amqp/journal-range.ts'
import type { Publisher } from '../../../shared/messaging/broker.ts'
import type { ReadCounts } from '../../../shared/messaging/queue-counts.ts'
import { renderDefinitions } from '../../../shared/messaging/topology/definitions.ts'
import type { ManagementCall } from '../../../shared/messaging/topology/management.ts'
import { recovery } from '../../../shared/operations/recovery/recovery.ts'
import { type Gauges, textGauges } from '../../../shared/operations/topology/gauges.ts'
import { type TopologyWatch, topologyWatch } from '../../../shared/operations/topology/watch.ts'
import { silentLog } from '../../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../../shared/runtime/time/clock.ts'
import { until } from '../../messaging/messages.ts'
import { shortWaitMs } from '../../messaging/subjects.ts'
import { eventOf, messageOf, needsWorld, newOrder, type OperatorWorld, openWorld } from '../world.ts'

export const slow = 60_000
const definitionsOf = (vhost: string) =>
  renderDefinitions(shopTopology([shortWaitMs]), { vhost, userPrefix: `${vhost}-` })

/** The binding of payment to what inventory reserves, and that between the exchanges. */
export const ofInbox = 'bindings/VHOST/e/saga.inboxes/q/payment.inbox/inventory.reserved'
export const ofExchange = 'bindings/VHOST/e/saga.events/e/saga.inboxes/inventory.reserved'
export const reserved = (order: OrderId) => messageOf(eventOf('inventory.reserved', order))
/** The signal of what nobody ends. */
export const never = new AbortController().signal

/**
 * A broker whose topology a test breaks, a watch that repairs it and sends what was missed, and the payment
 * service.
 */
export const brokenTopologyPerTest = () => {
  needsWorld()
  let world: OperatorWorld
  let gauges: Gauges & { text(): string }
  let watch: TopologyWatch
  let charged: OrderId[]
  let aheadMs: number

  type Changes = { api?: ManagementCall; counts?: ReadCounts; publisher?: () => Publisher }
  const watchOf = (changes: Changes = {}) => {
    const clock = { ...systemClock, now: () => systemClock.now() + aheadMs }
    const declared = { vhost: world.vhost, definitions: definitionsOf(world.vhost) }
    const { api = world.api, counts = world.counts, publisher = world.operations.publisher } = changes
    const options = { clock, gauges, log: silentLog }
    const again = recovery({
      saga: shop,
      ...{ ...options, clock: systemClock, declared: declared.definitions, publisher, signal: never },
      browseQueue: world.operations.browseQueue,
      readSpan: amqpJournalSpan({
        stream: 'saga.journal',
        url: world.urlOf('operator'),
        clock: systemClock,
        log: silentLog,
      }),
    })
    return topologyWatch({
      names: shop.names,
      ...options,
      api,
      counts,
      declared,
      services: [],
      deadLetterAlarm: 1,
      recovery: again,
    })
  }

  beforeEach(async () => {
    world = await openWorld()
    gauges = textGauges()
    charged = []
    aheadMs = 0
    watch = watchOf()
  })
  afterEach(() => world.close())

  const remove = (path: string) => world.api('DELETE', `/api/${path.replace('VHOST', world.vhost)}`)
  const publish = async (count: number): Promise<OrderId[]> => {
    const orders = Array.from({ length: count }, newOrder)
    await Promise.all(orders.map(order => world.publish(reserved(order))))
    return orders
  }
  const startPayment = () =>
    world.start(async (_, { subject: orderId }) => {
      charged.push(orderId)
      return { answer: { outcome: 'captured' } }
    })
  const areCaptured = (orders: readonly OrderId[]) =>
    until(
      'all are captured',
      async () => {
        const all = await Promise.all(orders.map(order => world.store.load(order)))
        return all.every(one => one?.state.status === 'captured')
      },
      slow,
    )
  const lie = (queue: string, count: number) =>
    until(`${count} in ${queue}`, async () => (await world.ready(queue)) === count, slow)
  const figure = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(gauges.text())?.[1] ?? 0)
  const resent = () => figure('choreo_journal_resent_total')
  const drained = () => figure('choreo_unrouted_drained_total')
  return {
    ...{ areCaptured, drained, figure, lie, publish, remove, resent, startPayment, watchOf },
    world: () => world,
    watch: () => watch,
    charged: () => charged,
    /** Makes the clock of the watch run ahead by so many ms. */
    goAhead: (ms: number) => {
      aheadMs = ms
    },
  }
}
