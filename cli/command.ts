import type { Command } from 'commander'
import type { Session } from './session.ts'

/** What a command does; a number that it resolves with is its exit code, else that is 0. */
export type Action<Options> = (session: Session, options: Options, ...args: string[]) => Promise<unknown>

/** Turns an action into what commander calls: it opens the session, and notes the exit code. */
export type Run = <Options>(action: Action<Options>) => (...given: unknown[]) => Promise<void>

export type CommandHelp = {
  /** Whole command lines, each with what it is for. */
  readonly examples: readonly (readonly [line: string, what: string])[]
  /** What else than `0 done` it may exit with, when that says more than the usual. */
  readonly exits?: string
}

const usualExits = '0 done, 1 refused or something is wrong, 2 wrong usage, 3 not reachable'

/** Gives a command what all have: where the system is, `--json`, examples and exit codes in its help. */
export const command = (command: Command, { examples, exits = usualExits }: CommandHelp): Command =>
  command
    .option('--json', 'print one JSON document, or one per line where results come one by one')
    .option('--url <url>', 'the public API (CHOREO_URL)')
    .option('--key <key>', 'the bearer key for it (CHOREO_KEY)')
    .option('--data <folder>', 'the data folder of a system on this machine (CHOREO_DATA, .data)')
    .addHelpText('after', () =>
      [
        '',
        'Examples:',
        ...examples.map(([line, what]) => `  $ npx --no -- choreo ${line}\n      ${what}`),
        '',
        `Exit codes: ${exits}`,
      ].join('\n'),
    )
