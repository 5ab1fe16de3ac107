import { expect } from 'chai'
import { checkFlow } from '../../choreography/check.ts'
import { describeForward, describeWayBack } from '../../choreography/describe.ts'
import type { Row } from '../../choreography/flow.ts'
import { shopFlow } from '../../choreography/shop.ts'
import { waysBack } from '../../choreography/way-back.ts'
import { flowOfRows, row, trip, tripWith } from './a-trip.ts'

const missingIn = (rows: readonly Row[]) => waysBack(flowOfRows(rows)).flatMap(({ missing }) => missing)
const shopWithout = (service: string, hears: string) => ({
  ...shopFlow,
  rows: shopFlow.rows.filter(one => one.service !== service || one.hears !== hears),
})

describe('the way back from a failure', () => {
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
    it(`is missed when ${service} does not hear ${failure}`, () => {
      const found = checkFlow(shopWithout(service, failure)).map(({ rule, what }) => `${rule}: ${what}`)
      expect(found).to.include(`compensation: ${missing}`)
    })

  it('is there in a trip that is sound, which the following break', () => {
    expect(checkFlow(flowOfRows(trip))).to.deep.equal([])
  })

  const onlyPartly = 'after seat.none, hotel undoes room.held only after the end, or not whatever is decided'
  const breaks: Record<string, readonly [missing: string, rows: readonly Row[]]> = {
    'when what was done is undone only after the end': [
      onlyPartly,
      tripWith(row('hotel', 'seat.none'), row('hotel', 'trip.failed', { 'room.freed': 'undoes room.held' })),
    ],
    'when somebody on the way may decide otherwise': [
      onlyPartly,
      tripWith(
        row('hotel', 'seat.none'),
        row('bank', 'seat.none', { 'money.back': 'forward', 'money.kept': 'forward' }),
        row('hotel', 'money.back', { 'room.freed': 'undoes room.held' }),
      ),
    ],
    'when who did it may decide not to undo it': [
      onlyPartly,
      tripWith(
        row('hotel', 'seat.none', { 'room.freed': 'undoes room.held', 'room.kept': 'refusal' }),
        row('desk', 'room.kept', { 'trip.failed': 'end' }),
      ),
    ],
    'when nobody who ends the trip hears what was undone': [
      'nobody who ends the saga hears room.freed',
      trip.filter(({ service, hears }) => service !== 'desk' || hears !== 'room.freed'),
    ],
    'when what was undone is heard last, and whoever hears it cannot end the trip': [
      'desk cannot end the saga when room.freed is the last that it hears',
      tripWith(row('desk', 'room.freed')),
    ],
    'when the failure is heard last, and whoever hears it cannot end the trip': [
      'desk cannot end the saga when seat.none is the last that it hears',
      tripWith(row('desk', 'seat.none')),
    ],
    'when somebody else says that it is undone': [
      'after seat.none, nothing of hotel undoes room.held',
      tripWith(row('hotel', 'seat.none'), row('bank', 'seat.none', { 'money.back': 'undoes room.held' })),
    ],
    'when something is done at the same time as what fails': [
      'after seat.none, nothing of bank undoes money.taken',
      tripWith(row('bank', 'trip.asked', { 'money.taken': 'forward' }), row('desk', 'money.taken')),
    ],
    'when one undo of a service stands for two of its effects': [
      'after seat.none, nothing of hotel undoes room.cleaned',
      tripWith(
        row('hotel', 'trip.asked', {
          'room.held': 'forward',
          'room.cleaned': 'forward',
          'room.none': 'refusal',
        }),
        row('hotel', 'room.held', { 'room.cleaned': 'forward' }),
        row('desk', 'room.cleaned'),
      ),
    ],
    'when the service that fails has done something else before': [
      'after seat.none, nothing of train undoes seat.looked-up',
      tripWith(row('train', 'trip.asked', { 'seat.looked-up': 'forward' }), row('desk', 'seat.looked-up')),
    ],
    'when what would be decided in its place is also decided elsewhere': [
      'after seat.none, nothing of train undoes seat.bought',
      tripWith(row('train', 'trip.asked', { 'seat.bought': 'forward' })),
    ],
    'when the failure has no end': [
      'room.none leads to no end',
      trip.filter(({ service, hears }) => service !== 'desk' || hears !== 'room.none'),
    ],
    'when it ends on one way of deciding and not on another': [
      'room.none leads to no end',
      tripWith(
        row('desk', 'room.none', { 'trip.failed': 'end' }),
        row('bank', 'room.none', { 'money.none': 'refusal', 'money.asked': 'refusal' }),
        row('desk', 'money.none', { 'trip.failed': 'end' }),
      ).filter(({ service, hears }) => service !== 'desk' || hears !== 'room.none'),
    ],
    'when a service fails unasked, and nobody who hears it decides anything': [
      'after seat.lost, nothing of hotel undoes room.held',
      tripWith(
        row('train', undefined, { 'seat.lost': 'refusal' }),
        row('desk', 'seat.lost', { 'trip.failed': 'end' }),
      ),
    ],
  }
  for (const [what, [missing, rows]] of Object.entries(breaks))
    it(`is missed ${what}`, () => {
      expect(missingIn(rows)).to.include(missing)
    })

  const sound: Record<string, readonly Row[]> = {
    'when one undo leads to the next': tripWith(
      row('bank', 'room.held', { 'money.taken': 'forward', 'money.none': 'refusal' }),
      row('train', 'room.held'),
      row('train', 'money.taken', { 'seat.bought': 'forward', 'seat.none': 'refusal' }),
      row('hotel', 'money.none', { 'room.freed': 'undoes room.held' }),
      row('bank', 'room.freed', { 'money.back': 'undoes money.taken' }),
      row('desk', 'money.none', { 'trip.failed': 'end' }),
      row('desk', 'money.back', { 'trip.failed': 'end' }),
    ),
    'when a service undoes both of its effects in one decision': tripWith(
      row('hotel', 'room.held', { 'room.cleaned': 'forward' }),
      row('hotel', 'seat.none', { 'room.freed': 'undoes room.held', 'room.closed': 'undoes room.cleaned' }),
      row('desk', 'room.cleaned'),
      row('desk', 'room.closed', { 'trip.failed': 'end' }),
    ),
    'when who fails undoes its own in the same decision': tripWith(
      row('train', 'trip.asked', { 'seat.looked-up': 'forward' }),
      row('train', 'room.held', {
        'seat.bought': 'forward',
        'seat.none': 'refusal',
        'seat.forgotten': 'undoes seat.looked-up',
      }),
      row('train', 'room.none', { 'seat.forgotten': 'undoes seat.looked-up' }),
      row('desk', 'seat.looked-up'),
      row('desk', 'seat.forgotten', { 'trip.failed': 'end' }),
    ),
    'when something is only done after the end': tripWith(
      row('bank', 'trip.failed', { 'money.told': 'forward' }),
    ),
  }
  for (const [what, rows] of Object.entries(sound))
    it(`is there ${what}`, () => {
      expect(missingIn(rows)).to.deep.equal([])
    })
})

describe('the flow, told to somebody who has never seen it', () => {
  it('goes forward as a tree, with what may be said instead', () => {
    expect(describeForward(shopFlow).lines).to.deep.equal([
      'order.placed                    order      unasked: over HTTP or by time',
      '└─ inventory.reserved           inventory  or else inventory.rejected',
      '   └─ payment.captured          payment    or else payment.declined',
      '      └─ shipment.scheduled     shipping   or else shipment.refused',
      '         ├─ order.confirmed     order      the end',
      '         └─ inventory.consumed  inventory',
    ])
  })

  it('goes back from every failure, with what is undone and how it ends', () => {
    const told = waysBack(shopFlow).map(way => describeWayBack(shopFlow, way))
    expect(told.map(({ title }) => title)).to.deep.equal([
      'When inventory says inventory.rejected (on order.placed)',
      'When payment says payment.declined (on inventory.reserved)',
      'When shipping says shipment.refused (on payment.captured or on order.cancel-requested, which comes unasked)',
    ])
    expect(told[0]?.lines).to.deep.equal(['nothing is done yet → order ends it: order.rejected'])
    expect(told[2]?.lines).to.deep.equal([
      'inventory.reserved may be done     → inventory undoes it: inventory.released',
      'payment.captured may be done       → payment undoes it: payment.refunded or payment.voided',
      'all of this is heard, in any order → order ends it: order.rejected or order.cancelled',
    ])
  })

  it('says what is missing where it is missing', () => {
    const flow = shopWithout('payment', 'shipment.refused')
    const lines = waysBack(flow).flatMap(way => describeWayBack(flow, way).lines)
    expect(lines).to.include('missing: after shipment.refused, nothing of payment undoes payment.captured')
  })

  it('is drawn to an end also when it goes round in circles', () => {
    const flow = flowOfRows([...trip, row('hotel', 'seat.bought', { 'room.held': 'forward' })])
    expect(describeForward(flow).lines).to.have.length(4)
  })
})
