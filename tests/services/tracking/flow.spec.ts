import { expect } from 'chai'
import { isSettled, type Order } from '../../../services/order/domain.ts'
import { reactingServices } from '../../../services/reacting-services.ts'
import { awaitedOf, type Step, steps } from '../../../services/tracking/flow.ts'
import { causally } from '../../../services/tracking/timeline.ts'
import { openShop, request } from '../../shop/shop.ts'

/** What each step of a service says with each event that it follows, as its table has it or would have it. */
const rows = (own: readonly Step[]) =>
  own.flatMap(({ after, says, withinMs }) =>
    after.map(type => ({ type, says, withinMs, alone: after.length === 1 })),
  )

type Wish = { cancelAfterMs?: number; token?: string; postalCode?: string; quantity?: number }

/**
 * Everything that was published about an order with this wish, in causal order, and whether the order is
 * settled in the end.
 */
const played = async ({ cancelAfterMs, ...wish }: Wish, seed: number) => {
  const shop = await openShop({ seed })
  const orderId = await shop.place(request(wish))
  if (cancelAfterMs !== undefined) {
    await shop.clock.advance(cancelAfterMs)
    const asking = shop.desk.cancel(orderId)
    await shop.clock.settle()
    await asking
  }
  await shop.settled(orderId)
  const documents = await shop.documentsOf(orderId)
  const published = documents.flatMap(({ events }) => events).filter(({ note }) => !note)
  const entries = published.map(({ id, type, at, cause }) => ({
    ...{ id, type, at, service: id.split(':')[1] ?? '', data: {} },
    ...(cause && { cause }),
  }))
  const own = documents.find(({ events }) => events[0]?.type === 'order.submitted')
  return { said: causally(entries), settled: isSettled(own?.state as Order) }
}

const unasked = ['order.placed', 'order.cancel-requested']
const undone = ['order.rejected', 'order.cancelled']

describe('what is awaited', () => {
  for (const { name: service, reactions } of reactingServices) {
    const own = steps.filter(step => step.service === service)
    it(`has for each event that ${service} answers a step, and no other`, () => {
      const answered = reactions.filter(({ emits }) => Object.keys(emits).length > 0)
      expect(new Set(own.flatMap(({ after }) => after))).to.deep.equal(
        new Set(answered.map(({ on }) => on.type)),
      )
    })

    it(`lets ${service} say in each step what its table allows, within its time`, () => {
      for (const { type, says, withinMs, alone } of rows(own)) {
        const reaction = reactions.find(({ on }) => on.type === type)
        const allowed = Object.keys(reaction?.emits ?? {})
        expect(allowed).to.include.members([...says])
        if (alone) expect(says).to.have.lengthOf(allowed.length)
        expect(withinMs).to.equal(Number.parseInt(reaction?.within ?? '', 10) * 1_000)
      }
    })
  }

  const heard = (...types: string[]) => awaitedOf(types.map(type => ({ type, at: '2030-01-01T00:00:00Z' })))

  it('is nothing once an order is undone, whatever else was said about it', () => {
    expect(heard('order.placed', 'inventory.rejected', 'order.rejected', 'shipment.refused')).to.deep.equal(
      [],
    )
  })

  it('is no refund of what was declined, and each thing once though two events ask for it', () => {
    const declined = heard('order.placed', 'inventory.reserved', 'payment.declined', 'shipment.refused')
    expect(declined.map(({ service }) => service)).to.deep.equal(['inventory'])
  })

  const wishes: Record<string, Wish> = {
    'is confirmed': {},
    'is declined': { token: 'tok_decline' },
    'is refused by the carrier': { postalCode: 'XX0 0XX' },
    'is beyond the stock': { quantity: 50 },
    'is cancelled during a slow charge': { token: 'tok_slow', cancelAfterMs: 1_000 },
    'is cancelled at once': { cancelAfterMs: 0 },
    'is confirmed in spite of a cancel': { cancelAfterMs: 200 },
  }
  for (const [title, wish] of Object.entries(wishes))
    for (const seed of [1, 2, 3, 4, 5])
      it(`is always what comes next, and nothing in the end, of an order that ${title} (seed ${seed})`, async () => {
        const { said, settled } = await played(wish, seed)
        // After a rejection or a cancellation nobody waits for what still follows from it.
        const end = said.findIndex(({ type }) => undone.includes(type))
        const asked = said
          .slice(0, end < 0 ? undefined : end + 1)
          .filter(({ type }) => !unasked.includes(type))
        for (const fact of asked) {
          const before = said.slice(0, said.indexOf(fact))
          const story = `before ${fact.type} in ${said.map(({ type }) => type).join(' ')}`
          expect(
            awaitedOf(before).flatMap(({ events }) => events),
            story,
          ).to.include(fact.type)
        }
        expect(awaitedOf(said)).to.deep.equal([])
        expect(settled).to.equal(true)
      })
})
