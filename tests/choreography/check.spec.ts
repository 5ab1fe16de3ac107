import { expect } from 'chai'
import { checkFlow } from '../../choreography/check.ts'
import { checkCompensations } from '../../choreography/compensations.ts'
import { asMermaid, asText } from '../../choreography/draw.ts'
import type { Flow, Row } from '../../choreography/flow.ts'
import { shopFlow } from '../../choreography/shop.ts'

/** The shop's flow with the rows changed. */
const broken = (change: (row: Row) => Row | undefined, more: readonly Row[] = []): Flow => ({
  ...shopFlow,
  rows: [...shopFlow.rows.flatMap(row => change(row) ?? []), ...more],
})
const without = (service: string, hears: string) =>
  broken(row => (row.service === service && row.hears === hears ? undefined : row))
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

  it('notices who says what another owns', () => {
    const flow = broken(
      row => row,
      [{ service: 'order', hears: 'payment.captured', says: { 'shipment.scheduled': 'forward' } }],
    )
    expect(found(flow)).to.include('not-owner: order says shipment.scheduled, which shipping owns')
  })

  it('notices an event that is not in the contract', () => {
    const flow = broken(row => row, [{ service: 'order', hears: 'payment.lost', says: {} }])
    expect(found(flow)).to.include('unknown: order names payment.lost, which is no event')
  })

  it('notices events that go round in circles', () => {
    const flow = broken(
      row => row,
      [{ service: 'order', hears: 'inventory.released', says: { 'order.cancel-requested': 'refusal' } }],
    )
    expect(found(flow).filter(line => line.startsWith('cycle: inventory.released'))).to.have.length(1)
  })

  for (const [service, failure, missing] of [
    [
      'inventory',
      'payment.declined',
      'after payment.declined, nothing of inventory undoes inventory.reserved',
    ],
    [
      'inventory',
      'shipment.refused',
      'after shipment.refused, nothing of inventory undoes inventory.reserved',
    ],
    ['payment', 'shipment.refused', 'after shipment.refused, nothing of payment undoes payment.captured'],
    ['order', 'inventory.released', 'nobody who ends the saga hears inventory.released'],
    ['order', 'inventory.rejected', 'inventory.rejected leads to no end'],
  ] as const)
    it(`misses a compensation when ${service} does not hear ${failure}`, () => {
      expect(found(without(service, failure))).to.include(`compensation: ${missing}`)
    })

  it('says of every failure why it is undone', () => {
    const reasons = Object.fromEntries(
      checkCompensations(shopFlow).map(({ failure, reasoning }) => [failure, reasoning]),
    )
    expect(Object.keys(reasons)).to.have.members([
      'inventory.rejected',
      'payment.declined',
      'shipment.refused',
    ])
    expect(reasons['shipment.refused']).to.deep.equal([
      'inventory.reserved may be done: inventory hears of it and says inventory.released',
      'payment.captured may be done: payment hears of it and says payment.refunded or payment.voided',
      'the end is order.cancelled or order.rejected',
    ])
    expect(reasons['inventory.rejected']).to.deep.equal(['the end is order.rejected'])
  })

  it('is drawn with every event and every service', () => {
    for (const { type } of shopFlow.events) {
      expect(asMermaid(shopFlow)).to.include(type)
      expect(asText(shopFlow)).to.include(type)
    }
    expect(asMermaid(shopFlow)).to.include('order -. order.cancel-requested .-> shipping')
  })
})
