import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command, type OutputConfiguration } from 'commander'
import { projectFolder } from '../system/project.ts'
import type { Run } from './command.ts'
import { addDlq } from './commands/dlq.ts'
import { addFlow } from './commands/flow.ts'
import { addLogs } from './commands/logs.ts'
import { addNewService } from './commands/new-service.ts'
import { addOrder } from './commands/order.ts'
import { addSaga } from './commands/saga.ts'
import { addStatus } from './commands/status.ts'
import { addStock } from './commands/stock.ts'
import { addTopology } from './commands/topology.ts'
import { addTracking } from './commands/tracking.ts'
import type { Streams } from './terminal.ts'

const about = [
  'The command line of Choreo: look into a running system, and fix it.',
  '',
  'A system on this machine is found through its data folder (.data). Elsewhere, --url and --key (or CHOREO_URL and CHOREO_KEY) give the address of the public API; AMQP_URL, RABBITMQ_MANAGEMENT_URL and MONGODB_URL give those of the servers, for status, dlq, topology and saga why.',
  '',
  'No command ever prints a password, a payment token or an address.',
].join('\n')

/** Where help and complaints about usage are written. */
type Output = Pick<Streams, 'out' | 'err'>
const ofThisProcess: Output = { out: process.stdout, err: process.stderr }

/** The whole command line. Parsing ends in an exception instead of ending the process. */
export const programWith = (run: Run, output: Output = ofThisProcess): Command => {
  const program = new Command('choreo')
    .description(about)
    .exitOverride()
    .configureOutput(writingTo(output))
    .showHelpAfterError('(add --help for what there is)')
    .showSuggestionAfterError()
    .version(version(), '-V, --version', 'print the version')
    .helpCommand('help [command...]', 'explain a command')
  for (const add of [
    addStatus,
    addOrder,
    addSaga,
    addDlq,
    addLogs,
    addStock,
    addTopology,
    addTracking,
    addFlow,
    addNewService,
  ])
    add(program, run)
  for (const command of every(program)) command.exitOverride()
  return program
}

const writingTo = ({ out, err }: Output): OutputConfiguration => ({
  writeOut: text => out.write(text),
  writeErr: text => err.write(text),
  getOutHelpWidth: () => widthOf(out),
  getErrHelpWidth: () => widthOf(err),
})

/** What commander takes for a file or a pipe. */
const unknownWidth = 80
const widthOf = ({ isTTY, columns }: Output['out']): number => (isTTY && columns) || unknownWidth

const version = (): string => {
  const { version: told } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8'))
  return String(told)
}

/**
 * The words of a command line with `help saga show` as `saga show --help`: whatever follows `help` explains
 * and never does anything. A word that is no command is left as it is, for the parser to complain of. Pure.
 */
export const explaining = (program: Command, words: readonly string[]): readonly string[] => {
  if (words[0] !== 'help') return words
  const path: string[] = []
  let at = program
  for (const word of words.slice(1)) {
    const below = at.commands.find(command => command.name() === word)
    if (!below && at.commands.length > 0) return [...path, word]
    if (!below) break
    path.push(word)
    at = below
  }
  return [...path, '--help']
}

/** The command and all below it, in the order of the help. */
export const every = (command: Command): Command[] => [command, ...command.commands.flatMap(every)]
