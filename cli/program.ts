import { Command } from 'commander'
import { addDlq } from './commands/dlq.ts'
import { addFlow } from './commands/flow.ts'
import { addOrder } from './commands/order.ts'
import { addSaga } from './commands/saga.ts'
import { addStatus } from './commands/status.ts'
import { addStock } from './commands/stock.ts'
import { addTopology } from './commands/topology.ts'
import { addTracking } from './commands/tracking.ts'
import type { Run } from './leaf.ts'

const about = [
  'The command line of Choreo: look into a running system, and mend it.',
  '',
  'A system on this machine is found through its data folder (.data). Elsewhere, --url and --key (or CHOREO_URL and CHOREO_KEY) say where the public door is; AMQP_URL, RABBITMQ_MANAGEMENT_URL and MONGODB_URL say the same of the servers, for status, dlq, topology and saga why.',
  '',
  'No command ever prints a password, a payment token or an address.',
].join('\n')

/** The whole command line. Parsing ends in an exception instead of ending the process. */
export const programWith = (run: Run): Command => {
  const program = new Command('choreo')
    .description(about)
    .exitOverride()
    .showHelpAfterError('(add --help for what there is)')
    .showSuggestionAfterError()
    .helpCommand(false)
  for (const add of [addStatus, addOrder, addSaga, addDlq, addStock, addTopology, addTracking, addFlow])
    add(program, run)
  for (const command of every(program)) command.exitOverride()
  return program
}

/** The command and all below it, in the order of the help. */
export const every = (command: Command): Command[] => [command, ...command.commands.flatMap(every)]
