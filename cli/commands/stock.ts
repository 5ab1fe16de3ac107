import type { Command } from 'commander'
import { Catalogue } from '../../services/order/api/openapi/answers.ts'
import { StockTotals } from '../../services/private-calls/stock.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { count, sku, skus } from '../arguments.ts'
import { command, type Run } from '../command.ts'
import { exits, failureOf } from '../failure.ts'
import type { Session } from '../session.ts'
import { table } from '../terminal.ts'

/** Adds `stock show | restock`. */
export const addStock = (program: Command, run: Run): void => {
  const stock = program.command('stock').description('look at the stock and add to it')
  command(
    stock.command('show').argument('[sku...]', 'which SKUs; all of the catalogue when none is named', skus),
    {
      examples: [
        ['stock show SKU-7', 'its totals: on hand + held + shipped = initial + restocked'],
        ['stock show --json', 'the stock totals of every SKU'],
      ],
      exits: '0 done, 1 the totals do not balance or the SKU is unknown, 2 wrong usage, 3 not reachable',
    },
  )
    .description('show the stock totals of SKUs')
    .action(run(async (session, _: object, ...names) => showStock(session, names.flat())))
  command(
    stock
      .command('restock')
      .argument('<sku>', 'the SKU to add to', sku)
      .argument('<units>', 'how many units to add', count),
    {
      examples: [
        ['stock restock SKU-7 500', 'for operators: 500 more of SKU-7'],
        ['stock restock SKU-7 500 --idempotency-key monday', 'however often it is sent: 500 more, once'],
      ],
    },
  )
    .description('add units to the stock of a SKU, once for each key')
    .option('--idempotency-key <key>', 'the same key adds once (one of its own unless given)')
    .action(run(restock))
}

const showStock = async (session: Session, named: readonly string[]): Promise<number> => {
  const api = session.api()
  const wanted = named.length > 0 ? named : (await api.call('/catalogue', Catalogue)).map(one => one.sku)
  const books: StockTotals[] = []
  for (const [i, one] of wanted.entries()) {
    session.terminal.progress(`${i} of ${wanted.length} SKUs`)
    books.push(await api.call(`/stock/${one}`, StockTotals))
  }
  session.terminal.progress('')
  session.show(books, seen => totalsTable(session, seen))
  return books.every(balances) ? exits.done : exits.refused
}

const balances = ({ initial, restocked, onHand, held, shipped }: StockTotals): boolean =>
  onHand + held + shipped === initial + restocked

const heads = ['sku', 'initial', 'restocked', 'on hand', 'held', 'shipped', '']

const totalsTable = ({ terminal }: Session, books: readonly StockTotals[]): string =>
  table(
    heads,
    books.map(one => [
      one.sku,
      ...[one.initial, one.restocked, one.onHand, one.held, one.shipped].map(String),
      balances(one) ? '' : terminal.paint.bad('does not balance'),
    ]),
    terminal,
  )

const restock = async (
  session: Session,
  { idempotencyKey }: { idempotencyKey?: string },
  name: string,
  more: string,
): Promise<void> => {
  // A key of its own, so that what got no answer can be sent again without adding twice.
  const key = idempotencyKey ?? systemRandom.id()
  const request = {
    method: 'POST' as const,
    body: { units: Number(more) },
    headers: { 'idempotency-key': key },
  }
  const books = await session
    .api()
    .call(`/stock/${name}/restock`, StockTotals, request)
    .catch(error => {
      if (failureOf(error).exit === exits.unreachable)
        session.terminal.warn(`Whether it was added is not known; repeat it with --idempotency-key ${key}`)
      throw error
    })
  session.show(books, one => totalsTable(session, [one]))
}
