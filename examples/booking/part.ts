import type { Fact } from '../../shared/contract/event.ts'
import { accept, call, ignore } from '../../shared/saga/define/decision.ts'
import type { Reaction } from '../../shared/saga/define/reaction.ts'
import type { Service } from '../../shared/saga/define/service.ts'
import { booking } from './contract.ts'

/** A part of a trip, as the service that does it knows it; closed is refused or undone. */
export type Part = { readonly status: 'none' | 'done' | 'closed' }
export type Request = { readonly kind: 'take'; readonly what: string } | { readonly kind: 'giveBack' }
export type Answer = { readonly granted: boolean }

/** A system outside that a service calls. Its first answer to a key, `<trip>:<part>`, is final. */
export type Provider = (key: string, request: Request) => Promise<Answer>

/** Asks for it, unless the trip has failed already. */
export const take = ({ status }: Part, what: string) =>
  status === 'none' ? call<Request>({ kind: 'take', what }) : ignore(`it is ${status}`)

/** Gives it back, or makes sure that it is never taken. */
export const giveBack = <F extends Fact>({ status }: Part, undone: F) => {
  if (status === 'closed') return ignore('it is closed')
  return status === 'done' ? call<Request>({ kind: 'giveBack' }) : accept(undone)
}

/** A service that does its part of a trip outside; it is done once the service has said `done`. */
export const partService = (
  name: string,
  reactions: readonly Reaction<Part>[],
  done: string,
  provider: Provider,
): Service<Part> => ({
  saga: booking,
  name,
  initial: { status: 'none' },
  evolve: (_, { type }) => ({ status: type === done ? 'done' : 'closed' }),
  reactions,
  perform: async (request, { subject }) => ({
    answer: await provider(`${subject}:${name}`, request as Request),
  }),
  patience: 500,
})
