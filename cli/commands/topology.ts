import type { Command } from 'commander'
import { declaredFor } from '../../rabbitmq/declared.ts'
import type { TopologyPlan } from '../../shared/operations/topology/plan.ts'
import { applyTopology, compareTopology } from '../../shared/operations/topology/topology.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { command, type Run } from '../command.ts'
import { exits } from '../failure.ts'
import { wrapped } from '../fit.ts'
import type { Session } from '../session.ts'
import type { Screen } from '../terminal.ts'

/** Adds `topology plan | apply`. */
export const addTopology = (program: Command, run: Run): void => {
  const topology = program.command('topology').description('compare the broker with what is declared')
  command(topology.command('plan'), {
    examples: [['topology plan', 'what is missing, what differs, and what nobody declared']],
    exits:
      '0 as declared (or with extras only), 1 something is missing or differs, 2 wrong usage, 3 not reachable',
  })
    .description('show how the broker differs from what is declared; changes nothing')
    .action(run(plan))
  command(topology.command('apply'), {
    examples: [['topology apply', 'declares what is missing; nothing is changed or removed']],
    exits:
      '0 as declared now, 1 something is left that only a person can fix, 2 wrong usage, 3 not reachable',
  })
    .description('declare what is missing; what differs or is extra is only named')
    .action(run(apply))
}

const plan = async (session: Session): Promise<number> => {
  const found = await compareTopology(session.management(), declaredFor(session.places.broker()))
  session.show(withoutDefinitions(found), seen => planText(seen, session.terminal))
  return found.missing.length + found.different.length > 0 ? exits.refused : exits.done
}

const apply = async (session: Session): Promise<number> => {
  const [api, declared] = [session.management(), declaredFor(session.places.broker())]
  const { paint } = session.terminal
  const { repaired, left } = await applyTopology(api, await compareTopology(api, declared), systemClock)
  const after = await compareTopology(api, declared)
  const names = (things: typeof repaired) => things.map(({ kind, name }) => ({ kind, name }))
  session.show({ repaired: names(repaired), left: names(left), ...withoutDefinitions(after) }, seen =>
    [
      ...seen.repaired.map(({ kind, name }) => `${paint.good('declared')}  ${kind} ${name}`),
      ...seen.left.map(
        ({ kind, name }) => `${paint.bad('left')}  ${kind} ${name}: its password is not known here`,
      ),
      planText(seen, session.terminal),
    ].join('\n'),
  )
  return after.missing.length + after.different.length > 0 ? exits.refused : exits.done
}

const withoutDefinitions = ({ missing, different, extra }: TopologyPlan) => ({
  ...{ different, extra },
  missing: missing.map(({ kind, name }) => ({ kind, name })),
})

/** What of a plan is shown: nobody reads definitions. */
type Shown = ReturnType<typeof withoutDefinitions>

const planText = ({ missing, different, extra }: Shown, { paint, columns }: Screen): string =>
  [
    ...missing.map(({ kind, name }) => `${paint.bad('missing')}  ${kind} ${name}`),
    ...different.map(
      ({ kind, name, field, declared, live }) =>
        `${paint.bad('differs')}  ${kind} ${name}: ${field} is ${JSON.stringify(live)}, declared ${JSON.stringify(declared)}`,
    ),
    ...extra.map(({ kind, name }) => `${paint.faint('extra')}  ${kind} ${name}`),
    missing.length + different.length === 0 ? 'the broker has all that is declared' : '',
  ]
    .filter(line => line !== '')
    .map(line => wrapped(line, columns, 9))
    .join('\n')
