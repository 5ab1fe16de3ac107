import { CommanderError } from 'commander'
import type { Action, Run } from './command.ts'
import { exits, failureOf } from './failure.ts'
import { explaining, programWith } from './program.ts'
import { type CommonOptions, openSession } from './session.ts'
import { terminalOn } from './terminal.ts'
import { visibleJson } from './visible.ts'

// A reader that went away (`npx --no -- choreo dlq list | head`) is no error.
process.stdout.on('error', () => process.exit(exits.done))

const graceMs = 10_000

const terminal = terminalOn({
  out: process.stdout,
  err: process.stderr,
  input: process.stdin,
  env: process.env,
})
const asked = new AbortController()
let exit: number = exits.done

/** The first Ctrl-C ends what can be ended cleanly, the second one and the end of the grace everything. */
const onSignal = (): void => {
  if (asked.signal.aborted) process.exit(exits.interrupted)
  asked.abort()
  setTimeout(() => process.exit(exits.interrupted), graceMs).unref()
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)

/** Commander hands over the arguments of the command, its options, and the command itself. */
const run: Run =
  <Options>(action: Action<Options>) =>
  async (...given) => {
    const [options, ...names] = [given.at(-2), ...given.slice(0, -2)]
    const session = openSession(options as CommonOptions, {
      terminal,
      signal: asked.signal,
      env: process.env,
    })
    try {
      const code = await action(session, options as Options, ...(names as string[]))
      exit = typeof code === 'number' ? code : exits.done
    } catch (error) {
      exit = explain(error, (options as CommonOptions).json === true)
    } finally {
      await session.close()
    }
  }

/** One line that says why and what to do next; for programs the same as a JSON document. Both on stderr. */
const explain = (error: unknown, json: boolean): number => {
  if (asked.signal.aborted) return exits.interrupted
  const { message, code, detail, help, exit: code_ } = failureOf(error)
  terminal.progress('')
  terminal.warn(json ? visibleJson({ error: { code, detail, help } }) : message.replaceAll('\n', ' '))
  return code_
}

const main = async (): Promise<number> => {
  try {
    const program = programWith(run)
    await program.parseAsync([...explaining(program, process.argv.slice(2))], { from: 'user' })
    return exit
  } catch (error) {
    if (!(error instanceof CommanderError)) return explain(error, false)
    return error.exitCode === 0 ? exits.done : exits.usage
  }
}

process.exit(await main())
