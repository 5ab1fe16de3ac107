import type { Command } from 'commander'
import { declaredFor } from '../../rabbitmq/declared.ts'
import { shop } from '../../services/contract/shop.ts'
import type { ForeignQueue } from '../../shared/operations/topology/foreign-queues.ts'
import { readTopology } from '../../shared/operations/topology/live-topology.ts'
import { bindingName, type PrunePlan, planPrune, prune } from '../../shared/operations/topology/prune.ts'
import { formatCount } from '../../shared/runtime/text/format.ts'
import { command, type Run } from '../command.ts'
import { exits, Failure } from '../failure.ts'
import type { Session } from '../session.ts'
import { type Screen, table } from '../terminal.ts'

type Prune = { yes?: boolean; consumed?: boolean }

/** Adds `topology prune` to the commands about the topology. */
export const addPrune = (topology: Command, run: Run): void => {
  command(
    topology.command('prune').argument('[queues...]', 'only these queues; all of others unless given'),
    {
      examples: [
        ['topology prune', 'shows what a service that was taken away has left, asks, and deletes it'],
        ['topology prune fraud.inbox fraud.dlq --yes', 'deletes these two without asking'],
      ],
      exits: '0 nothing of others is left, 1 refused, 2 wrong usage, 3 not reachable',
    },
  )
    .description(
      'delete queues and bindings of others on our exchanges, with the messages in them: what nobody declares and that still takes events',
    )
    .option('--consumed', 'also queues that somebody consumes')
    .option('--yes', 'do not ask')
    .action(run(pruneTopology))
}

const pruneTopology = async (session: Session, options: Prune, ...given: unknown[]): Promise<number> => {
  const declared = declaredFor(session.places.broker())
  const named = given.flat().map(String)
  const live = await readTopology(session.broker(), declared.vhost)
  const plan = planPrune(shop.names, declared.definitions, live, named)
  refuseUnknown(plan, named)
  if (isNothing(plan)) {
    session.show(shownOf(plan), () => 'nothing of others hangs on our exchanges')
    return exits.done
  }
  if (!options.consumed) refuseConsumed(plan)
  if (!options.yes) await ask(session, plan)
  await prune(session.management(), declared, plan)
  session.show(shownOf(plan), seen => `${lossText(seen, session.terminal)}\ndeleted`)
  return exits.done
}

const isNothing = ({ queues, bindings }: PrunePlan): boolean => queues.length + bindings.length === 0

const refuseUnknown = ({ queues }: PrunePlan, named: readonly string[]): void => {
  const unknown = named.filter(name => !queues.some(queue => queue.name === name))
  if (unknown.length > 0)
    throw new Failure('queue-unknown', `${unknown.join(', ')} is no queue of others on our exchanges.`, {
      help: 'List them with `npx --no -- choreo topology plan`.',
    })
}

const refuseConsumed = ({ queues }: PrunePlan): void => {
  const consumed = queues.filter(({ consumers }) => consumers !== 0)
  if (consumed.length === 0) return
  const each = consumed.map(({ name, consumers }) =>
    consumers === undefined
      ? `nobody knows who consumes ${name}`
      : `${name} has ${formatCount(consumers, 'consumer')}`,
  )
  throw new Failure('queue-in-use', `${each.join(', ')}; nothing was deleted.`, {
    help: 'Stop whoever consumes, name the other queues only, or repeat the command with --consumed.',
  })
}

const ask = async ({ terminal }: Session, plan: PrunePlan): Promise<void> => {
  for (const line of lossText(shownOf(plan), terminal).split('\n')) terminal.warn(line)
  if (await terminal.confirm('Delete all of this for good?')) return
  throw new Failure('not-confirmed', `${sumText(plan)} would be lost, and nothing was deleted.`, {
    help: 'Answer y at the terminal, or repeat the command with --yes.',
  })
}

const sumText = ({ queues }: PrunePlan): string => {
  const known = queues.map(({ messages }) => messages ?? 0).reduce((sum, one) => sum + one, 0)
  const more = queues.some(({ messages }) => messages === undefined) ? ' or more' : ''
  return `${formatCount(known, 'message')}${more} in ${formatCount(queues.length, 'queue')}`
}

/** Without what only the broker needs. */
const shownOf = ({ queues, bindings, policies }: PrunePlan) => ({
  queues: queues.map(({ name, messages, consumers, events }: ForeignQueue) => ({
    ...{ name, events, messages: messages ?? null, consumers: consumers ?? null },
  })),
  bindings: bindings.map(bindingName),
  policies: policies.map(({ name }) => `${name}`),
})

type Shown = ReturnType<typeof shownOf>

const lossText = ({ queues, bindings, policies }: Shown, screen: Screen): string => {
  const figure = (count: number | null) => (count === null ? 'unknown' : String(count))
  const rows = queues.map(one => [
    ...[one.name, figure(one.messages), figure(one.consumers)],
    one.events.join(', ') || 'no events',
  ])
  return [
    ...(rows.length > 0 ? [table(['queue', 'messages', 'consumers', 'gets'], rows, screen, ['gets'])] : []),
    ...bindings.map(name => `binding ${name}`),
    ...policies.map(name => `policy ${name}`),
  ].join('\n')
}
