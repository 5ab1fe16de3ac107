import { expect } from 'chai'
import type { EventType } from '../../services/contract/shop.ts'
import type { Order } from '../../services/order/domain.ts'
import type { Service } from '../../shared/saga/define/service.ts'
import { anEvent } from '../support/events.ts'
import { type Answers, hear } from '../support/reactions.ts'
import { no, yes } from './answers.ts'
import { reachable, successors, typesHeard } from './reached.ts'
import type { Row } from './row.ts'
import { tables } from './tables.ts'

type AnyService = Service<never>

const didOf = (service: AnyService, heard: Row[0]) => {
  let state = service.initial
  return heard.map(entry => {
    const [type, refusal] = entry.split(' ') as [EventType, string?]
    const next = hear(service, state, anEvent(type), refusal ? no : yes)
    state = next.state
    return next.did
  })
}

const publicFacts = (did: string) =>
  did.split(' + ').filter(type => !['ignored', 'order.noted', 'shipment.closed'].includes(type))

const twice = (service: AnyService, state: never, type: EventType, answers: Answers) => {
  const first = hear(service, state, anEvent(type), answers)
  return { first, second: hear(service, first.state, anEvent(type), answers) }
}

for (const { service, rows } of tables)
  describe(`${service.name}, by its reaction table`, () => {
    const states = reachable(service)
    for (const [heard, did] of rows)
      it(`[I9] hears ${heard.join(', then ')}: ${did.join(', then ')}`, () => {
        expect(didOf(service, heard)).to.deep.equal(did)
      })

    for (const type of typesHeard(service))
      it(`says nothing new when it is told of ${type} again, whatever it knows`, () => {
        for (const state of states)
          for (const answers of [yes, no]) {
            const { first, second } = twice(service, state, type, answers)
            expect(publicFacts(second.did)).to.deep.equal([])
            expect(second.state).to.deep.equal(first.state)
          }
      })

    it('[I7] never leaves the end that it reached', () => {
      for (const state of states) {
        if (!isEnd(state)) continue
        const after = successors(service, state).map(next => (next.state as { status: string }).status)
        expect(new Set(after)).to.deep.equal(new Set([(state as { status: string }).status]))
      }
    })
  })

describe('order, by everything that it can hear', () => {
  it('[I27] is cancelled only when hold and money were each said to be undone', () => {
    const [order] = tables.filter(({ service }) => service.name === 'order')
    const states: Order[] = order ? reachable(order.service) : []
    const cancelled = states.filter(({ status }) => status === 'cancelled')
    expect(cancelled).to.not.be.empty
    for (const state of cancelled) {
      const heard = 'heard' in state ? state.heard : []
      expect(heard).to.include.members(['shipment.refused', 'inventory.released'])
      expect(heard).to.include.oneOf(['payment.refunded', 'payment.voided'])
    }
  })
})

const isEnd = ({ status }: { status: string }) =>
  ['closed', 'confirmed', 'rejected', 'cancelled'].includes(status)
