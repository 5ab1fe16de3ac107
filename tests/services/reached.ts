import type { EventType } from '../../services/contract/shop.ts'
import type { Fact } from '../../shared/contract/event.ts'
import { fold, type Service } from '../../shared/saga/define/service.ts'
import { anEvent } from '../support/events.ts'
import { hear } from '../support/reactions.ts'
import { no, yes } from './answers.ts'

type AnyService = Service<never>

/** The event types that a service hears. */
export const typesHeard = (service: AnyService): readonly EventType[] =>
  service.reactions.map(reaction => reaction.on.type as EventType)

/** What may come of one event in this state, whatever is answered outside. */
export const successors = (service: AnyService, state: never) =>
  typesHeard(service).flatMap(type => [yes, no].map(answers => hear(service, state, anEvent(type), answers)))

/** Every state that any events in any order can lead to. */
export const reachable = (service: AnyService): never[] => {
  const found = new Map<string, never>([[JSON.stringify(service.initial), service.initial]])
  for (const state of found.values())
    for (const next of successors(service, state)) found.set(JSON.stringify(next.state), next.state)
  return [...found.values()]
}

/** A fact that leads from one status to another: `none -payment.captured-> captured`. */
export const movesBy = (service: AnyService, before: never, facts: readonly Fact[]): string[] => {
  let state = before
  return facts.flatMap(fact => {
    const [from, to] = [state, fold(service, state, [fact])].map(one => (one as { status: string }).status)
    state = fold(service, state, [fact])
    return from === to ? [] : [`${from} -${fact.type}-> ${to}`]
  })
}

/** Every such fact of a service, once. */
export const moves = (service: AnyService): readonly string[] => [
  ...new Set(
    reachable(service).flatMap(state =>
      successors(service, state).flatMap(({ facts }) => movesBy(service, state, facts)),
    ),
  ),
]
