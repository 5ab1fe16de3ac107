import { CommanderError } from 'commander'
import type { Action, Run } from './command.ts'
import { exits, failureOf } from './failure.ts'
import { explaining, programWith } from './program.ts'
import { type CommonOptions, openSession } from './session.ts'
import { type Streams, type Terminal, terminalOn } from './terminal.ts'
import { visibleJson } from './visible.ts'

/** What a command line works with; aborting `signal` interrupts it. */
type Surroundings = Streams & { readonly signal: AbortSignal }

/**
 * Runs the command line of these words; resolves with its exit code (`exits`) once everything that it opened
 * is closed. It writes to the streams it is given and never throws because of what a person wrote or a server
 * answered.
 */
export const runLine = async (words: readonly string[], around: Surroundings): Promise<number> => {
  const terminal = terminalOn(around)
  const end: Ending = { exit: exits.done }
  try {
    const program = programWith(runIn(terminal, around, end), around)
    await program.parseAsync([...explaining(program, words)], { from: 'user' })
    return end.exit
  } catch (error) {
    if (!(error instanceof CommanderError)) return explain(error, terminal, { around, json: false })
    return error.exitCode === 0 ? exits.done : exits.usage
  }
}

type Ending = { exit: number }

/** Commander hands over the arguments of the command, its options, and the command itself. */
const runIn =
  (terminal: Terminal, around: Surroundings, end: Ending): Run =>
  <Options>(action: Action<Options>) =>
  async (...given) => {
    const [options, ...names] = [given.at(-2), ...given.slice(0, -2)]
    const { signal, env } = around
    const session = openSession(options as CommonOptions, { terminal, signal, env })
    try {
      const code = await action(session, options as Options, ...(names as string[]))
      end.exit = typeof code === 'number' ? code : exits.done
    } catch (error) {
      end.exit = explain(error, terminal, { around, json: (options as CommonOptions).json === true })
    } finally {
      await session.close()
    }
  }

/** One line that says why and what to do next; for programs the same as a JSON document. Both on stderr. */
const explain = (
  error: unknown,
  terminal: Terminal,
  { around, json }: { around: Surroundings; json: boolean },
): number => {
  if (around.signal.aborted) return exits.interrupted
  const { message, code, detail, help, exit } = failureOf(error)
  terminal.progress('')
  terminal.warn(json ? visibleJson({ error: { code, detail, help } }) : message.replaceAll('\n', ' '))
  return exit
}
