import { expect } from 'chai'
import type { EventType } from '../../shared/contract/registry.ts'
import type { Service } from '../../shared/saga/service.ts'
import { anEvent } from '../given/events.ts'
import { type Answers, hear } from '../given/reactions.ts'
import { no, type Row, tables, yes } from './tables.ts'

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

const typesHeard = (service: AnyService) => service.reactions.map(reaction => reaction.on.type as EventType)

/** Every state that any events in any order can lead to. */
const reachable = (service: AnyService): never[] => {
  const found = new Map<string, never>([[JSON.stringify(service.initial), service.initial]])
  for (const state of found.values())
    for (const next of successors(service, state)) found.set(JSON.stringify(next), next)
  return [...found.values()]
}

const successors = (service: AnyService, state: never) =>
  typesHeard(service).flatMap(type =>
    [yes, no].map(answers => hear(service, state, anEvent(type), answers).state),
  )

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
        const after = successors(service, state).map(next => (next as { status: string }).status)
        expect(new Set(after)).to.deep.equal(new Set([(state as { status: string }).status]))
      }
    })
  })

const isEnd = ({ status }: { status: string }) =>
  ['closed', 'confirmed', 'rejected', 'cancelled'].includes(status)
