import type { Command } from 'commander'
import { OrderId } from '../../services/contract/ids.ts'
import { OrderAnswer } from '../../services/order/api/openapi/answers.ts'
import {
  awaitable,
  listParameters,
  listSorts,
  mostListed,
  usuallyListed,
} from '../../services/private-calls/order-list.ts'
import { type ListedOrder, OrderPage, OrderStory } from '../../services/private-calls/order-story.ts'
import { why } from '../../shared/operations/explain/gather.ts'
import { readinessAt } from '../../shared/operations/explain/readiness.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import {
  age,
  amountOf,
  count,
  customer,
  instant,
  oneOf,
  orderId,
  orderStatus,
  reason,
  sku,
} from '../arguments.ts'
import { byOrder } from '../as-json.ts'
import { command, type Run } from '../command.ts'
import { exits } from '../failure.ts'
import { follow } from '../saga/follow.ts'
import { entryText, listText, storyText } from '../saga/text.ts'
import { whyText } from '../saga/why-text.ts'
import type { Session } from '../session.ts'
import { addStuck } from './stuck.ts'

/** The options of `saga list`; those that have no name here have that of the parameter of the API. */
type List = { olderThan?: number; limit: number } & Readonly<Record<string, string | number | undefined>>

/** Adds `saga list | show | why | stuck | resolve | follow`. */
export const addSaga = (program: Command, run: Run): void => {
  const saga = program.command('saga').description('find orders, show their story, explain why one waits')
  command(saga.command('list'), {
    examples: [
      ['saga list', 'the newest orders'],
      ['saga list --status placed --older-than 10m', 'what should have ended by now'],
      ['saga list --awaiting payment --json', 'what waits for payment, an order a line'],
      ['saga list --sku SKU-7 --reason out-of-stock', 'what a SKU was missing for'],
      ['saga list --placed-from 2030-01-01 --sort highest-total', 'the largest ones since then'],
    ],
  })
    .description('list and search orders; all criteria hold for each of them')
    .option('--status <status>', 'placed, confirmed, rejected or cancelled', orderStatus)
    .option('--customer <id>', 'of this customer', customer)
    .option('--sku <sku>', 'of which this is ordered', sku)
    .option('--reason <reason>', 'rejected, cancelled or failing for it: out-of-stock', reason)
    .option('--awaiting <what>', 'that wait for this service or event', oneOf(awaitable))
    .option('--older-than <duration>', 'placed longer ago than 30s, 10m, 2h or 1d', age)
    .option('--placed-from <time>', 'placed then or later: 2030-01-31', instant)
    .option('--placed-until <time>', 'placed earlier than then', instant)
    .option('--min-total <amount>', 'of this total or more: 39.98', amountOf)
    .option('--max-total <amount>', 'of this total or less', amountOf)
    .option('--sort <order>', `${listSorts.join(', ')}`, oneOf(listSorts), 'newest')
    .option('--limit <number>', 'at most so many', count, usuallyListed)
    .action(run(list))
  command(saga.command('show').argument('<order>', 'the order id', orderId), {
    examples: [['saga show ord_…', 'every fact of every service about it, with failures and repairs']],
    exits: '0 done, 1 refused, or the journal does not have the order yet, 2 wrong usage, 3 not reachable',
  })
    .description('show the whole story of an order, in causal order')
    .action(run(show))
  addWhy(saga, run)
  addStuck(saga, run)
  command(saga.command('follow').argument('<order>', 'the order id', orderId), {
    examples: [['saga follow ord_…', 'its story as it happens, until nothing is awaited any more']],
    exits: '0 settled, 1 refused, 2 wrong usage, 3 not reachable, 130 ended by Ctrl-C',
  })
    .description('follow an order until it is settled; the connection is made again when it ends')
    .action(run(followOrder))
}

const addWhy = (saga: Command, run: Run): void => {
  command(saga.command('why').argument('<order>', 'the order id', orderId), {
    examples: [['saga why ord_…', 'where the missing step is, and what to do about it']],
    exits: '0 settled or under way, 1 stuck or unknown, 2 wrong usage, 3 not reachable',
  })
    .description('explain why an order waits, from documents, queues, dead letters and readiness')
    .action(run(explain))
}

const list = async (session: Session, { limit, olderThan, ...wanted }: List): Promise<void> => {
  const older = olderThan === undefined ? {} : { olderThan: `${Math.max(1, Math.ceil(olderThan / 1_000))}s` }
  const orders: ListedOrder[] = []
  let cursor: string | null = null
  do {
    const query = queryOf({ ...wanted, ...older, cursor, limit: Math.min(mostListed, limit - orders.length) })
    const page: OrderPage = await session.api().call(`/orders?${query}`, OrderPage)
    orders.push(...page.orders)
    cursor = page.next
    session.terminal.progress(`${orders.length} orders`)
  } while (cursor !== null && orders.length < limit)
  session.terminal.progress('')
  if (session.json) for (const order of orders) session.show(order, () => '')
  else session.show(orders, seen => listText(seen, systemClock.now(), session.terminal))
  if (cursor !== null) session.terminal.warn(thereIsMore(orders.length))
}

/** On stderr, also for programs: who reads a part must not take it for the whole. */
const thereIsMore = (shown: number): string =>
  `The first ${shown} are shown, and there are more: --limit ${shown * 10} shows more of them, a filter fewer.`

const queryOf = (given: Readonly<Record<string, string | number | null | undefined>>): string => {
  const query = new URLSearchParams()
  for (const name of Object.keys(listParameters))
    if (given[name] != null) query.set(name, String(given[name]))
  return query.toString()
}

const show = async (session: Session, _: object, id: string): Promise<number> => {
  const story = await session.api().call(`/orders/${id}/timeline`, OrderStory)
  session.show(story, one => storyText(one, session.terminal))
  return story.status === null ? exits.refused : exits.done
}

const explain = async (session: Session, _: object, id: string): Promise<number> => {
  const { vhost } = session.places.broker()
  const sources = {
    broker: { ...session.broker(), vhost },
    readiness: readinessAt(session.places.privatePorts()),
  }
  session.terminal.progress('looking at documents, queues and dead letters')
  const verdict = await why(await session.operations({ documents: true }), sources, OrderId.parse(id))
  session.terminal.progress('')
  session.show(verdict, one => whyText(one, systemClock.now(), session.terminal), byOrder)
  return ['settled', 'under-way'].includes(verdict.status) ? exits.done : exits.refused
}

const followOrder = async (session: Session, _: object, id: string): Promise<number> => {
  const { terminal, json } = session
  // A stream waits for an order that is not in the journal yet; for a mistyped id it would wait without end.
  await session.api().call(`/orders/${id}`, OrderAnswer)
  const ended = await follow(session, id, entry => session.show(entry, one => entryText(one, terminal)))
  if (ended === 'aborted') return exits.interrupted
  if (!json) terminal.say(`${id}  settled`)
  return exits.done
}
