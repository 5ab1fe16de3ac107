import { expect } from 'chai'
import type { OrderId } from '../../services/contract/ids.ts'
import type { Event } from '../../services/contract/shop.ts'
import type { PrivateClient } from '../../services/order/api/private-client.ts'
import { operatorUseCases } from '../../services/order/operator-use-cases.ts'
import { reactingNames } from '../../services/registry.ts'
import { fold } from '../../shared/saga/define/service.ts'
import { record } from '../../shared/saga/document/document.ts'
import { outcomeOf } from '../messaging/messages.ts'
import { openShop, request } from './shop.ts'

const canaries = /A\. Buyer|1 Main Street|Springfield|12345|XX0 0XX|tok_(approve|decline|slow)/

type Shop = Awaited<ReturnType<typeof openShop>>

/** Erased in every service that has anything of the order. */
const everywhere = async (shop: Shop, orderId: OrderId) => {
  const known: readonly string[] = (await shop.documentsByService(orderId)).map(([{ name }]) => name)
  return Object.fromEntries(reactingNames.map(name => [name, known.includes(name) ? 'erased' : 'unknown']))
}

/**
 * The order service has an event more on record, in a version that only a newer release knows, with a
 * sensitive field of that version.
 */
const writtenByANewerRelease = async ({ kernel: context }: Shop, orderId: OrderId) => {
  const document = await context.store.load(orderId)
  if (!document) throw new Error('no such order')
  const fact = { type: 'order.confirmed', version: 99, note: false, data: { doorCode: 'CANARY' } }
  await context.store.commit(document, { events: record(document, [fact], { service: 'order', at: 0 }) })
}

describe('erasing an order', () => {
  it('[I34] is left to a newer release when that has recorded something: what is sensitive in it is not known here', async () => {
    const shop = await openShop()
    const orderId = await shop.place(request())
    await shop.settled(orderId)
    await writtenByANewerRelease(shop, orderId)
    expect(await outcomeOf(shop.eraseEverywhere(orderId))).to.equal('event-newer')
    expect((await shop.kernel.store.load(orderId))?.erasedAt).to.equal(undefined)
  })

  for (const [end, wish] of Object.entries({
    confirmed: {},
    rejected: { token: 'tok_decline' },
    cancelled: { postalCode: 'XX0 0XX' },
  }))
    it(`[I28] leaves nothing of address and token in any document of a ${end} one, and all of its story`, async () => {
      const shop = await openShop()
      const orderId = await shop.place(request(wish))
      expect(await shop.settled(orderId)).to.equal(end)
      const before = await shop.documentsOf(orderId)
      expect(JSON.stringify(before)).to.match(canaries)
      expect(await shop.eraseEverywhere(orderId)).to.deep.equal(await everywhere(shop, orderId))
      const after = await shop.documentsOf(orderId)
      expect(JSON.stringify(after)).to.not.match(canaries)
      const story = (documents: typeof before) =>
        documents.map(({ state, inbox, events }) => [
          ...[state, inbox],
          ...events.map(({ id, type, cause, at }) => [id, type, cause, at]),
        ])
      expect(story(after)).to.deep.equal(story(before))
    })

  it('[I20] keeps every state the fold of its events', async () => {
    const shop = await openShop()
    const orderId = await shop.place(request())
    await shop.settled(orderId)
    await shop.eraseEverywhere(orderId)
    for (const [service, { state, events }] of await shop.documentsByService(orderId))
      expect(state, service.name).to.deep.equal(fold(service, service.initial, events))
  })

  it('is refused by the order while it awaits anything, and by a service while a call is open', async () => {
    const shop = await openShop()
    const orderId = await shop.place(request({ token: 'tok_slow' }))
    await shop.clock.advance(1_000)
    expect(await shop.eraseEverywhere(orderId))
      .to.include({ order: 'open', payment: 'open' })
      .and.include({ shipping: 'unknown' })
    await shop.settled(orderId)
    expect(await shop.eraseEverywhere(orderId)).to.deep.equal(await everywhere(shop, orderId))
  })

  it('twice is as good as once', async () => {
    const shop = await openShop()
    const orderId = await shop.place(request())
    await shop.settled(orderId)
    await shop.eraseEverywhere(orderId)
    const once = await shop.documentsOf(orderId)
    await shop.clock.advance(1_000)
    expect(await shop.eraseEverywhere(orderId)).to.deep.equal(await everywhere(shop, orderId))
    expect(await shop.documentsOf(orderId)).to.deep.equal(once)
  })

  it('changes nothing when an event of before comes once more: what it caused is sent in its erased form', async () => {
    const shop = await openShop()
    const orderId = await shop.place(request())
    await shop.settled(orderId)
    const events = (await shop.documentsOf(orderId)).flatMap(document => document.events)
    const published = events.filter(({ id, note }) => !note && id.includes(':order:')) as Event[]
    await shop.eraseEverywhere(orderId)
    for (const cache of Object.values(shop.caches)) cache.wipe()
    const erased = await shop.documentsOf(orderId)
    const sending = published.map(event => shop.sendAgain(event, 'once-more'))
    await shop.clock.advance(60_000)
    await Promise.all(sending)
    expect(await shop.documentsOf(orderId)).to.deep.equal(erased)
    expect(shop.moneyOf(orderId)).to.have.length(1)
    expect(shop.deadLetters()).to.deep.equal([])
  })
})

describe('the desk of the operators, asked to erase an order', () => {
  type Says = 'erased' | 'open' | 'unknown' | 'away'
  const desk = async ({
    says = 'erased' as Says,
    token = 'tok_approve',
    settle = true,
    newer = false,
  } = {}) => {
    const shop = await openShop()
    const orderId = await shop.place(request({ token }))
    if (settle) await shop.settled(orderId)
    const asked: string[] = []
    const service: PrivateClient = {
      get: async () => 'unavailable',
      post: async (path, _, schema) => {
        asked.push(path)
        return says === 'away' ? 'unavailable' : schema.parse({ outcome: says })
      },
    }
    const operator = operatorUseCases(shop.kernel, {
      ...{ inventory: service, all: [service, service], named: () => service },
    })
    if (newer) await writtenByANewerRelease(shop, orderId)
    const outcome = await operator.erase(orderId)
    const erasedAt = (await shop.desk.find(orderId))?.erasedAt
    return { outcome, asked: asked.length, erased: erasedAt !== undefined, path: asked[0], orderId }
  }

  it('asks every other service, and its own document last', async () => {
    const { path, orderId, ...done } = await desk()
    expect(done).to.deep.equal({ outcome: 'erased', asked: 2, erased: true })
    expect(path).to.equal(`/orders/${orderId}/erase`)
  })

  it('takes a service that never heard of the order for one that has nothing to erase', async () => {
    expect(await desk({ says: 'unknown' })).to.include({ outcome: 'erased', erased: true })
  })

  it('[I34] says that it cannot be done here when a newer release has recorded something', async () => {
    expect(await desk({ newer: true })).to.include({ outcome: 'unavailable', erased: false })
  })

  it('asks nobody while the order awaits anything', async () => {
    expect(await desk({ token: 'tok_slow', settle: false })).to.include({
      outcome: 'open',
      asked: 0,
      erased: false,
    })
  })

  for (const [says, outcome] of [
    ['open', 'open'],
    ['away', 'unavailable'],
  ] as const)
    it(`leaves its own document when a service is ${says}, and says so`, async () => {
      expect(await desk({ says })).to.include({ outcome, erased: false })
    })
})
