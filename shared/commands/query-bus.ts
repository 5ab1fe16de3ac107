import type { AnswerOf, QueryDefinition } from './define.ts'
import {
  type Actor,
  type HandlersOf,
  handlersByName,
  parsedBy,
  type RawContent,
  type Reply,
} from './handler.ts'

/** Who asks. */
export type QuerySender = { readonly actor: Actor }

/** The handlers of queries, which change nothing. */
export type QueryHandlersOf<D extends QueryDefinition> = HandlersOf<D, QuerySender>

/** The one way to these queries. */
export type QueryBus<D extends QueryDefinition> = {
  /** Checks a query and answers it. Fails as the handler does. */
  ask<Q extends D>(query: Q, raw: RawContent, sender: QuerySender): Promise<Reply<AnswerOf<Q>>>
}

/** A bus for these queries. @throws SagaError `handlers-invalid` unless each has exactly one handler */
export const queryBus = <const D extends QueryDefinition>(
  definitions: readonly D[],
  handlers: QueryHandlersOf<D>,
): QueryBus<D> => {
  const byName = handlersByName<QuerySender>(definitions, handlers)
  return {
    ask: async (query, raw, sender) => {
      const asked = parsedBy(query, raw)
      if ('kind' in asked) return asked
      const answer = await byName.get(query.name)?.(asked, sender)
      return { kind: 'answered', answer: answer as AnswerOf<typeof query> }
    },
  }
}
