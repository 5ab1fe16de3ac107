import { expect } from 'chai'
import { checkFlow } from '../../choreography/check.ts'
import { asMermaid } from '../../choreography/draw.ts'
import type { Flow, Row } from '../../choreography/flow.ts'
import { shopFlow } from '../../choreography/shop.ts'

/** The shop's flow with the rows changed. */
const broken = (change: (row: Row) => Row | undefined, more: readonly Row[] = []): Flow => ({
  ...shopFlow,
  rows: [...shopFlow.rows.flatMap(row => change(row) ?? []), ...more],
})
const without = (service: string, hears: string) =>
  broken(row => (row.service === service && row.hears === hears ? undefined : row))
const and = (...more: Row[]) => broken(row => row, more)
const found = (flow: Flow) => checkFlow(flow).map(({ rule, what }) => `${rule}: ${what}`)

describe('the choreography, checked without running it', () => {
  it('holds as it is', () => {
    expect(found(shopFlow)).to.deep.equal([])
  })

  it('misses whoever should hear an event', () => {
    expect(found(without('order', 'inventory.consumed'))).to.include(
      'unheard: nobody hears inventory.consumed, and it is not declared terminal',
    )
  })

  it('notices a service that waits for what nobody says', () => {
    expect(found(without('order', 'shipment.scheduled'))).to.include(
      'unsaid: order owns order.confirmed and never says it',
    )
    expect(found(without('shipping', 'payment.captured'))).to.include(
      'unsaid: order waits for shipment.scheduled, which nobody says',
    )
  })

  it('notices who says or undoes what another owns', () => {
    expect(
      found(and({ service: 'order', hears: 'payment.captured', says: { 'shipment.scheduled': 'forward' } })),
    ).to.include('not-owner: order says shipment.scheduled, which shipping owns')
    const undo = { 'payment.refunded': 'undoes inventory.reserved' } as const
    expect(found(and({ service: 'payment', hears: 'shipment.refused', says: undo }))).to.include(
      'not-owner: payment undoes inventory.reserved, which inventory owns',
    )
  })

  it('notices an event that is not in the contract', () => {
    for (const row of [
      { hears: 'payment.lost', says: {} },
      { hears: 'order.placed', says: { 'payment.lost': 'forward' } },
      { hears: 'order.placed', says: { 'order.rejected': 'undoes payment.lost' } },
    ] as const)
      expect(found(and({ service: 'order', ...row }))).to.include(
        'unknown: order names payment.lost, which is no event',
      )
  })

  it('notices events that go round in circles', () => {
    const flow = and({
      ...{ service: 'order', hears: 'inventory.released' },
      says: { 'order.cancel-requested': 'refusal' },
    })
    expect(found(flow).filter(line => line.startsWith('cycle: inventory.released'))).to.have.length(1)
  })

  it('is drawn with every event and every service', () => {
    for (const { type } of shopFlow.events) expect(asMermaid(shopFlow)).to.include(type)
    expect(asMermaid(shopFlow)).to.include('order -. order.cancel-requested .-> shipping')
  })
})
