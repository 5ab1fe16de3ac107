import type { OrderId } from '../../../services/contract/ids.ts'
import type { Event } from '../../../services/contract/shop.ts'
import type { Perform } from '../../../shared/saga/define/service.ts'
import { until, withoutCounts } from '../../messaging/messages.ts'
import { eventOf, messageOf, needsWorld, newOrder, type OperatorWorld, openWorld } from '../world.ts'

/** A world of its own for each test of the enclosing suite, and what gives it dead letters of payment. */
export const paymentWithLetters = () => {
  needsWorld()
  let world: OperatorWorld
  let charges: string[]
  const broken = new Set<string>()
  const approve: Perform = async (_, { subject: orderId }) => {
    charges.push(orderId)
    return { answer: { outcome: 'captured' } }
  }
  beforeEach(async () => {
    world = await openWorld()
    charges = []
    broken.clear()
  })
  afterEach(() => world.close())

  const start = () => world.start(approve, { isBroken: ({ subject: orderId }: Event) => broken.has(orderId) })
  const reserved = (order: OrderId) => messageOf(eventOf('inventory.reserved', order))
  const dead = () => world.ready('payment.dlq')
  const deadIs = (count: number) => until(`${count} dead letters`, async () => (await dead()) === count)
  /** What lies there, without the broker's own counts. */
  const lying = async (queue: string) =>
    (await world.peek(queue)).map(({ headers, ...found }) => ({ ...found, headers: withoutCounts(headers) }))
  const deadLetters = () => lying('payment.dlq')
  const idsInQueue = async () => (await deadLetters()).map(({ messageId }) => messageId)
  const captured = (order: OrderId) =>
    until(`${order} is captured`, async () => (await world.store.load(order))?.state.status === 'captured')

  /** Dead letters of a failing handler, in this order. */
  const given = async (count: number): Promise<OrderId[]> => {
    const orders = Array.from({ length: count }, newOrder)
    for (const order of orders) {
      broken.add(order)
      const before = await dead()
      await world.publish(reserved(order))
      await deadIs(before + 1)
    }
    return orders
  }

  /** An unknown type, an unreadable body, and an event that its handler fails at. */
  const givenOfEveryKind = async () => {
    const [unknown, failing] = [newOrder(), newOrder()]
    broken.add(failing)
    const event = JSON.parse(reserved(unknown).body.toString())
    const body = Buffer.from(JSON.stringify({ ...event, type: 'inventory.eaten' }))
    await world.publish({ ...reserved(unknown), body })
    await deadIs(1)
    await world.publish({ ...reserved(newOrder()), body: Buffer.from('{"paymentToken": "tok_approve"') })
    await deadIs(2)
    await world.publish(reserved(failing))
    await deadIs(3)
    return { unknown, failing }
  }

  return {
    ...{
      broken,
      approve,
      start,
      reserved,
      dead,
      deadIs,
      lying,
      deadLetters,
      idsInQueue,
      captured,
      given,
      givenOfEveryKind,
    },
    get world() {
      return world
    },
    /** The orders that were charged. */
    get charges() {
      return charges
    },
  }
}
