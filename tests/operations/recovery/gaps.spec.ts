import { expect } from 'chai'
import { participants, shopTopology } from '../../../rabbitmq/participants.ts'
import { shop } from '../../../services/contract/shop.ts'
import { renderDefinitions } from '../../../shared/messaging/topology/definitions.ts'
import { gapsOf, mergedGaps, subscriptionsOf } from '../../../shared/operations/recovery/gaps.ts'
import { planTopology, type TopologyItem } from '../../../shared/operations/topology/plan.ts'

const declared = renderDefinitions(shopTopology())
const all = planTopology(declared, {}).missing
const named = (...names: string[]): TopologyItem[] => all.filter(({ name }) => names.includes(name))
const gaps = (...names: string[]) =>
  gapsOf(shop.names, declared, named(...names), 5).map(({ inbox, types, since }) => [
    inbox,
    [...types],
    since,
  ])

const toPayment = 'saga.inboxes -> queue payment.inbox by inventory.reserved'
const between = 'saga.events -> exchange saga.inboxes by inventory.rejected'

describe('what inboxes may have missed', () => {
  it('is nothing when nothing on their way was missing', () => {
    expect(gaps()).to.deep.equal([])
    expect(gaps('payment.dlq', 'saga.events -> queue saga.journal by #')).to.deep.equal([])
  })

  it('is one type of one service when its binding was missing', () => {
    expect(gaps(toPayment)).to.deep.equal([['payment.inbox', ['inventory.reserved'], 5]])
  })

  it('is a type for each that hears it when the binding between the exchanges was missing', () => {
    expect(gaps(between)).to.deep.equal([
      ['order.inbox', ['inventory.rejected'], 5],
      ['shipping.inbox', ['inventory.rejected'], 5],
    ])
  })

  it('is everything that a service hears when its inbox was missing', () => {
    expect(gaps('payment.inbox')).to.deep.equal([
      ['payment.inbox', ['inventory.reserved', 'shipment.refused'], 5],
    ])
  })

  it('cannot be made up for when the journal was missing too', () => {
    expect(gapsOf(shop.names, declared, all, 5)).to.deep.equal([])
  })

  it('is what each service hears by its reactions, at most', () => {
    for (const { service, subscribes } of participants)
      expect([...(subscriptionsOf(shop.names, declared).get(`${service}.inbox`) ?? [])]).to.have.members(
        subscribes,
      )
  })

  it('is one gap for each inbox, since the earliest, when a repair is tried again', () => {
    const gap = (type: string, since: number) => ({ inbox: 'a.inbox', types: new Set([type]), since })
    expect(mergedGaps([gap('x', 7), gap('y', 3), { ...gap('z', 9), inbox: 'b.inbox' }])).to.deep.equal([
      { inbox: 'a.inbox', types: new Set(['x', 'y']), since: 3 },
      { inbox: 'b.inbox', types: new Set(['z']), since: 9 },
    ])
  })
})
