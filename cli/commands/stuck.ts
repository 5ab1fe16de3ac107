import type { Command } from 'commander'
import { Resolved } from '../../services/order/api/openapi/answers.ts'
import { callingNames } from '../../services/private-calls/resolution.ts'
import { type StuckCall, type StuckCalls, stuckCalls, sumOf } from '../../shared/operations/stuck.ts'
import { formatInstant } from '../../shared/runtime/text/format.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { count, oneOf, orderId } from '../arguments.ts'
import { command, type Run } from '../command.ts'
import { exits, Failure } from '../failure.ts'
import type { Session } from '../session.ts'
import { amount, duration, table } from '../terminal.ts'

type Decision = Record<'service' | 'answer' | 'by' | 'why' | 'outside', string> & { readonly yes?: boolean }

/** Adds `saga stuck | resolve` to the commands about sagas. */
export const addStuck = (saga: Command, run: Run): void => {
  command(saga.command('stuck'), {
    examples: [
      ['saga stuck', 'every order whose call is refused for good, with the money at risk'],
      ['saga stuck --json', 'the same for programs'],
    ],
    exits: '0 none is stuck, 1 some are, 2 wrong usage, 3 not reachable',
  })
    .description('list the calls that are refused for good, of all services')
    .option('--limit <number>', 'at most so many of each service', count, 1_000)
    .action(run(list))
  command(saga.command('resolve').argument('<order>', 'the order id', orderId), {
    examples: [
      [
        'saga resolve ord_… --service payment --answer refunded --by "Ada" --why "the card is closed" --outside "bank transfer 17"',
        'for operators: the money was given back by other means',
      ],
    ],
  })
    .description('end a stuck call by a decision that stays on record')
    .requiredOption('--service <name>', 'whose call is stuck', oneOf(callingNames))
    .requiredOption('--answer <answer>', 'the answer in place of the one who refuses; saga stuck lists them')
    .requiredOption('--by <name>', 'who decides')
    .requiredOption('--why <text>', 'why it cannot be answered otherwise')
    .requiredOption('--outside <text>', 'what was done outside')
    .option('--yes', 'do not ask')
    .action(run(resolveOrder))
}

const list = async (session: Session, { limit }: { limit: number }): Promise<number> => {
  const found = await stuckCalls(await session.operations({ documents: true }), limit)
  if (session.json) for (const call of found.calls) session.show(stuckJson(call), () => '')
  else session.show(found, ({ calls }) => stuckText(calls, session))
  if (found.more) session.terminal.warn(`There are more: --limit ${limit * 10} shows more of them.`)
  return found.calls.length === 0 ? exits.done : exits.refused
}

const stuckJson = ({ subject, since, nextAt, ...call }: StuckCall) => ({
  ...{ orderId: subject, ...call, since: formatInstant(since) },
  ...(nextAt !== undefined && { nextAt: formatInstant(nextAt) }),
})

const stuckText = (calls: StuckCalls['calls'], { terminal }: Session): string => {
  if (calls.length === 0) return 'no call is stuck'
  const now = systemClock.now()
  const rows = calls.map(call => [
    ...[call.subject, call.service, `${duration(now - call.since)}`, String(call.refusals)],
    ...[call.amount === undefined ? '-' : amount(call.amount), call.answers.join(', ') || 'none'],
    call.lastRefusal,
  ])
  const heads = ['order', 'service', 'stuck for', 'refusals', 'at risk', 'by hand', 'last refusal']
  return `${table(heads, rows, terminal, ['refusals', 'by hand'])}\n${calls.length} stuck, ${amount(sumOf(calls))} at risk`
}

const resolveOrder = async (session: Session, { yes, ...decision }: Decision, id: string): Promise<void> => {
  const { service, answer, by, why, outside } = decision
  const question = `Put on record that the call of ${service} about ${id} is ${answer}, for good?`
  if (!yes && !(await session.terminal.confirm(question)))
    throw new Failure('not-confirmed', `Nothing was decided about ${id}.`, {
      help: 'Answer y at the terminal, or repeat the command with --yes.',
    })
  const body = { service, answer, by, why, outside }
  const answered = await session.api().call(`/orders/${id}/resolve`, Resolved, { method: 'POST', body })
  session.show(answered, () => `${id}  the call of ${service} is ended by the decision of ${by}: ${answer}`)
}
