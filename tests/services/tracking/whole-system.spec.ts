import { expect } from 'chai'
import { backAgain, killByName } from '../../../harness/kill-process.ts'
import { waitUntil } from '../../../local/supervision/wait.ts'
import { sharedSystem, type WholeSystem } from '../../faults/whole-system.ts'
import { needs, rabbitmq, redis } from '../../support/servers.ts'
import { eventsOf, type Streamed } from './api/streamed.ts'

const body = (token: string, postalCode: string) => ({
  customerId: `buyer-${token.slice(4)}`,
  lines: [{ sku: 'SKU-7', quantity: 2 }],
  payment: { token },
  shipTo: { name: 'CANARY NAME', line1: 'CANARY LINE', city: 'CANARY CITY', postalCode, country: 'CANARY' },
})

type Step = { id: string; type: string; cause?: string; notice?: string; gap?: true; service: string }
type Story = { status: string; settled: boolean; steps: Step[]; asOf: string; awaiting: unknown[] }

describe('the story of orders, through the public API of a whole system', function () {
  this.timeout(180_000)
  needs(rabbitmq, redis)
  let whole: WholeSystem
  let url: string

  before(async () => {
    whole = await sharedSystem()
    url = whole.system.url
  })

  const place = async (token: string, postalCode = 'N1 9GU', of: { customerId?: string } = {}) => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${url}/orders`, {
      ...{ method: 'POST', headers, body: JSON.stringify({ ...body(token, postalCode), ...of }) },
    })
    expect(response.status).to.equal(202)
    return ((await response.json()) as { orderId: string }).orderId
  }
  const storyOf = async (orderId: string) =>
    (await (await fetch(`${url}/orders/${orderId}/timeline`)).json()) as Story
  const settled = async (orderId: string) => {
    await waitUntil('the end of the order', async () => (await storyOf(orderId)).settled, {
      deadlineMs: 60_000,
    })
    return storyOf(orderId)
  }

  const found = async (query: string) => {
    const response = await fetch(`${url}/orders?${query}`)
    expect(response.status, query).to.equal(200)
    const { orders } = (await response.json()) as { orders: { orderId: string; reasons: string[] }[] }
    return orders
  }

  it('finds an order by what is in it and by why it ended, and no other one', async () => {
    // Other specs place orders in the same system.
    const of = { customerId: 'searched' }
    const cancelled = await place('tok_approve', 'XX0 0XX', of)
    const confirmed = await place('tok_approve', 'N1 9GU', of)
    const ours = (query: string) => found(`customer=searched&${query}`)
    const { status } = await settled(cancelled)
    await settled(confirmed)
    expect(status).to.equal('cancelled')
    const listed = await ours('reason=shipment-refused&sku=SKU-7&status=cancelled&sort=highest-total')
    expect(listed.map(({ orderId }) => orderId))
      .to.include(cancelled)
      .and.not.include(confirmed)
    expect(listed[0]?.reasons).to.include('shipment-refused')
    expect(await ours('reason=shipment-refused&sku=SKU-8')).to.deep.equal([])
    const all = (await ours('sku=SKU-7&minTotal=1&placedFrom=2020-01-01')).map(({ orderId }) => orderId)
    expect(all).to.include.members([cancelled, confirmed])
    expect(await ours('placedUntil=2020-01-01')).to.deep.equal([])
  })

  it('places one order for callers that come with one key at once, and tells all of them the same', async () => {
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'one-wish' },
      body: JSON.stringify({ ...body('tok_approve', 'N1 9GU'), customerId: 'one-wish' }),
    }
    const sent = Array.from({ length: 8 }, async () => (await fetch(`${url}/orders`, init)).json())
    const answers = (await Promise.all(sent)) as { orderId: string }[]
    for (const answer of answers) expect(answer).to.deep.equal(answers[0])
    await settled(answers[0]?.orderId ?? '')
    expect(await found('customer=one-wish')).to.have.length(1)
  })

  it('shows every step of every service of a cancelled order in causal order, with the attempts that failed', async () => {
    const story = await settled(await place('tok_flaky_2', 'XX0 0XX'))
    expect(story.status).to.equal('cancelled')
    const types = story.steps.map(({ type }) => type)
    const facts = types.filter(type => !/attempt-failed|repaired|parked/.test(type))
    expect(facts).to.have.members([
      ...['order.placed', 'inventory.reserved', 'payment.captured', 'shipment.refused', 'inventory.released'],
      ...['payment.refunded', 'order.cancelled'],
    ])
    expect(facts.slice(0, 4)).to.deep.equal([
      ...['order.placed', 'inventory.reserved', 'payment.captured', 'shipment.refused'],
    ])
    expect(facts.at(-1)).to.equal('order.cancelled')
    expect(story.steps.filter(({ gap }) => gap)).to.deep.equal([])
    expect(types.filter(type => type === 'payment.attempt-failed')).to.have.lengthOf.at.least(1)
    for (const [i, step] of story.steps.entries())
      if (step.cause) expect(story.steps.slice(0, i).map(({ id }) => id)).to.include(step.cause)
  })

  it('streams an order that has just been placed up to its end, and resumes after the last event', async () => {
    const orderId = await place('tok_approve')
    const all = await eventsOf(`${url}/orders/${orderId}/events`)
    expect(all.events.map(({ event }) => event)).to.have.members([
      ...['order.placed', 'inventory.reserved', 'payment.captured', 'shipment.scheduled'],
      ...['inventory.consumed', 'order.confirmed', 'end'],
    ])
    expect(all.events.at(-1)?.data).to.deep.include({ orderId, status: 'confirmed' })
    const from = (event: Streamed | undefined) =>
      eventsOf(`${url}/orders/${orderId}/events`, { 'last-event-id': event?.id ?? '' })
    const rest = await from(all.events[2])
    expect(rest.events).to.deep.equal(all.events.slice(3))
    expect((await from(all.events.at(-2))).status).to.equal(204)
  })

  it('lists orders by what is asked for, newest first, page by page', async () => {
    const first = await place('tok_decline')
    await settled(first)
    const second = await place('tok_decline')
    await settled(second)
    const list = async (query: string) =>
      (await (await fetch(`${url}/orders?customer=buyer-decline${query}`)).json()) as {
        orders: { orderId: string }[]
        next: string | null
      }
    const ids = ({ orders }: { orders: { orderId: string }[] }) => orders.map(({ orderId }) => orderId)
    expect(ids(await list(''))).to.deep.equal([second, first])
    const page = await list('&limit=1&status=rejected')
    expect(ids(page)).to.deep.equal([second])
    expect(ids(await list(`&limit=1&cursor=${page.next}`))).to.deep.equal([first])
    expect(ids(await list('&olderThan=1h'))).to.deep.equal([])
    expect(ids(await list('&status=confirmed'))).to.deep.equal([])
  })

  it('[I33] shows no payment token and no address anywhere', async () => {
    const orderId = await place('tok_approve')
    await settled(orderId)
    const private_ = whole.system.run().find(({ name }) => name === 'tracking')?.url
    for (const where of [`${url}/orders`, `${private_}/orders`, `${url}/orders/${orderId}/timeline`])
      expect(await (await fetch(where)).text()).to.not.match(/CANARY|tok_|paymentToken|shipTo/)
  })

  it('has the whole story of every order although tracking is killed again and again meanwhile', async () => {
    const { folder } = whole.system
    const placing = Array.from({ length: 60 }, (_, n) => place(n % 3 === 0 ? 'tok_decline' : 'tok_approve'))
    const orders = await Promise.all(placing)
    for (let times = 0; times < 3; times++) {
      const pid = killByName(folder, 'tracking')
      await backAgain(folder, 'tracking', pid)
    }
    const tracking = `${url}/orders?limit=1`
    await waitUntil('tracking', async () => (await fetch(tracking)).ok, { deadlineMs: 60_000 })
    for (const orderId of orders) {
      const { steps, status } = await settled(orderId)
      const facts = steps.filter(({ gap, notice }) => !gap && !notice)
      expect(facts, `${orderId} ${status}`).to.have.lengthOf(status === 'confirmed' ? 6 : 5)
      expect(new Set(steps.map(({ id }) => id)).size).to.equal(steps.length)
      expect(steps.filter(({ gap }) => gap)).to.deep.equal([])
    }
  })

  it('answers 404 for an order that there is not, and 400 for parameters that there are not', async () => {
    const none = `ord_${'0'.repeat(26)}`
    for (const route of ['timeline', 'events'])
      expect((await fetch(`${url}/orders/${none}/${route}`)).status).to.equal(404)
    const refused = await fetch(`${url}/orders?status=lost&page=2`)
    expect(refused.status).to.equal(400)
    expect(((await refused.json()) as { errors: object[] }).errors).to.deep.include({
      field: 'status',
      expected: 'placed, confirmed, rejected or cancelled, once',
    })
  })
})
