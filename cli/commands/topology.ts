import type { Command } from 'commander'
import { declaredFor } from '../../rabbitmq/declared.ts'
import { shop } from '../../services/contract/shop.ts'
import {
  type ForeignQueue,
  foreignQueues,
  foreignText,
  isTrouble,
} from '../../shared/operations/topology/foreign-queues.ts'
import { bySource, sourceText } from '../../shared/operations/topology/in-force.ts'
import { readTopology } from '../../shared/operations/topology/live-topology.ts'
import {
  applyTopology,
  compareTopology,
  planForVhost,
  type VhostPlan,
} from '../../shared/operations/topology/topology.ts'
import { formatList } from '../../shared/runtime/text/format.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { command, type Run } from '../command.ts'
import { exits } from '../failure.ts'
import { wrapped } from '../fit.ts'
import type { Session } from '../session.ts'
import type { Screen } from '../terminal.ts'
import { addPrune } from './topology-prune.ts'

/** Adds `topology plan | apply | prune`. */
export const addTopology = (program: Command, run: Run): void => {
  const topology = program.command('topology').description('compare the broker with what is declared')
  command(topology.command('plan'), {
    examples: [['topology plan', 'what is missing, what differs, and what nobody declared']],
    exits:
      '0 as declared (or with extras only), 1 something is missing, differs or is not in force, 2 wrong usage, 3 not reachable',
  })
    .description('show how the broker differs from what is declared; changes nothing')
    .action(run(plan))
  command(topology.command('apply'), {
    examples: [['topology apply', 'declares what is missing, and raises our policies above those of others']],
    exits:
      '0 as declared now, 1 something is left that only a person can fix, 2 wrong usage, 3 not reachable',
  })
    .description(
      'declare what is missing and raise our policies above those of others; what differs or is extra is only named',
    )
    .action(run(apply))
  addPrune(topology, run)
}

const plan = async (session: Session): Promise<number> => {
  const { vhost, definitions } = declaredFor(session.places.broker())
  const live = await readTopology(session.broker(), vhost)
  const found = planForVhost(definitions, live)
  const foreign = foreignQueues(shop.names, definitions, live)
  session.show({ ...shownOf(found), foreign }, seen =>
    [planText(seen, session.terminal), foreignTexts(seen.foreign, session.terminal)]
      .filter(Boolean)
      .join('\n'),
  )
  return exitOf(found)
}

const apply = async (session: Session): Promise<number> => {
  const [api, declared] = [session.management(), declaredFor(session.places.broker())]
  const { paint } = session.terminal
  const { repaired, raised, left } = await applyTopology(
    api,
    await compareTopology(api, declared),
    systemClock,
  )
  const after = await compareTopology(api, declared)
  const did = { repaired: namesOf(repaired), raised: namesOf(raised), left: namesOf(left) }
  session.show({ ...did, ...shownOf(after) }, seen =>
    [
      ...seen.repaired.map(({ kind, name }) => `${paint.good('declared')}  ${kind} ${name}`),
      ...(seen.raised.length > 0
        ? [
            `${paint.good('raised')}  above the policies of others: ${formatList(seen.raised.map(({ name }) => name))}`,
          ]
        : []),
      ...seen.left.map(
        ({ kind, name }) => `${paint.bad('left')}  ${kind} ${name}: its password is not known here`,
      ),
      planText(seen, session.terminal),
    ].join('\n'),
  )
  return exitOf(after)
}

/** What of the extras takes our events. */
const foreignTexts = (foreign: readonly ForeignQueue[], { paint, columns }: Screen): string =>
  foreign
    .filter(({ events }) => events.length > 0)
    .map(one => `${(isTrouble(one) ? paint.doubtful : paint.faint)('extra')}  ${foreignText(one)}`)
    .map(line => wrapped(line, columns, 9))
    .join('\n')

/** What is in force and takes a promise away is as bad as what is missing. */
const exitOf = ({ missing, different, overruled, notInForce }: VhostPlan): number => {
  const isAsDeclared = missing.length + different.length + overruled.length === 0
  return isAsDeclared && notInForce.every(({ promise }) => promise === undefined) ? exits.done : exits.refused
}

const namesOf = (items: VhostPlan['missing']) => items.map(({ kind, name }) => ({ kind, name }))

/** What of a plan is shown: nobody reads definitions. */
const shownOf = ({ missing, different, extra, overruled, notInForce }: VhostPlan) => ({
  ...{ different, extra, missing: namesOf(missing), notInForce },
  overruled: overruled.map(({ name, definition }) => ({ name, priority: Number(definition.priority) })),
})

type Shown = ReturnType<typeof shownOf>

const overruledTexts = (overruled: Shown['overruled']): readonly string[] =>
  [...new Set(overruled.map(({ priority }) => priority))].map(priority => {
    const names = overruled.filter(one => one.priority === priority).map(({ name }) => name)
    return `policies of others stand above those of ${formatList(names)}; apply raises ours to ${priority}`
  })

const planText = (
  { missing, different, extra, overruled, notInForce }: Shown,
  { paint, columns }: Screen,
): string =>
  [
    ...missing.map(({ kind, name }) => `${paint.bad('missing')}  ${kind} ${name}`),
    ...different.map(
      ({ kind, name, field, declared, live }) =>
        `${paint.bad('differs')}  ${kind} ${name}: ${field} is ${JSON.stringify(live)}, declared ${JSON.stringify(declared)}`,
    ),
    ...overruledTexts(overruled).map(text => `${paint.bad('overruled')}  ${text}`),
    ...bySource(notInForce).map(
      one => `${(one.lost.length > 0 ? paint.bad : paint.doubtful)('in force')}  ${sourceText(one)}`,
    ),
    ...extra.map(({ kind, name }) => `${paint.faint('extra')}  ${kind} ${name}`),
    missing.length + different.length + overruled.length === 0 ? 'the broker has all that is declared' : '',
  ]
    .filter(line => line !== '')
    .map(line => wrapped(line, columns, 9))
    .join('\n')
