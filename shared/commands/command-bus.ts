import type { AnswerOf, CommandDefinition } from './define.ts'
import {
  type Actor,
  type HandlersOf,
  handlersByName,
  parsedBy,
  type RawContent,
  type Reply,
} from './handler.ts'
import { commandsUnderWay } from './under-way.ts'

/** Who sends a command, and under which id. The same actor and id are the same command. */
export type CommandSender = {
  readonly actor: Actor
  /** Absent for a command that is sent once. */
  readonly id?: string | undefined
  /** The trace that it is sent in, W3C Trace Context. */
  readonly traceparent?: string | undefined
}

/** What a handler answers when its id is on record for something else. */
export const idReused = Symbol('id-reused')

/** What becomes of a command. */
export type CommandReply<A> = Reply<A> | { readonly kind: 'id-reused' }

/**
 * The handlers of commands. Of a command with `repeat: 'same-answer'` what the handler writes is the record
 * of its answer: it writes by actor and id, once, whoever else tries at the same time, in this process or
 * another. The same id and content get the same answer, another content gets `idReused`.
 */
export type CommandHandlersOf<D extends CommandDefinition> = HandlersOf<D, CommandSender, typeof idReused>

/** The one way to these commands. */
export type CommandBus<D extends CommandDefinition> = {
  /**
   * Checks a command and has it done. Of two with the same actor, id and content the second one waits for the
   * answer of the first. Fails as the handler does.
   */
  send<C extends D>(command: C, raw: RawContent, sender: CommandSender): Promise<CommandReply<AnswerOf<C>>>
}

/** A bus for these commands. @throws SagaError `handlers-invalid` unless each has exactly one handler */
export const commandBus = <const D extends CommandDefinition>(
  definitions: readonly D[],
  handlers: CommandHandlersOf<D>,
): CommandBus<D> => {
  const byName = handlersByName<CommandSender>(definitions, handlers)
  const underWay = commandsUnderWay()
  return {
    send: async (command, raw, sender) => {
      const asked = parsedBy(command, raw)
      if ('kind' in asked) return asked
      const handle = async () => byName.get(command.name)?.(asked, sender)
      const answer = await underWay(command, asked, sender, handle)
      return answer === idReused
        ? { kind: 'id-reused' }
        : { kind: 'answered', answer: answer as AnswerOf<typeof command> }
    },
  }
}
