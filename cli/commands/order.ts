import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { CancelAsked, Erased, OrderAnswer, Receipt } from '../../services/order/api/openapi/answers.ts'
import { sleep, systemClock } from '../../shared/runtime/time/clock.ts'
import { age, type Line, line, orderId } from '../arguments.ts'
import { command, type Run } from '../command.ts'
import { exits, wrongUsage } from '../failure.ts'
import type { Session } from '../session.ts'
import { amount, statusIn } from '../terminal.ts'

type Submit = {
  customer: string
  line: Line[]
  token: string
  file?: string
  idempotencyKey?: string
  wait?: boolean
  within: number
} & Record<'name' | 'street' | 'city' | 'postalCode' | 'country', string>

/** Adds `order submit | get | cancel | erase`. */
export const addOrder = (program: Command, run: Run): void => {
  const order = program.command('order').description('submit, look at, cancel and erase orders')
  addSubmit(order, run)
  command(order.command('get').argument('<order>', 'the order id', orderId), {
    examples: [['order get ord_…', 'its status, total and what it still awaits']],
  })
    .description('show an order as the order service knows it')
    .action(run(async (session, _: object, id) => showOrder(session, await find(session, id))))
  command(order.command('cancel').argument('<order>', 'the order id', orderId), {
    examples: [['order cancel ord_…', 'asks for it; shipping decides whether it comes in time']],
  })
    .description('ask for a cancel; 1 when the order has ended')
    .action(run(cancel))
  command(order.command('erase').argument('<order>', 'the order id', orderId), {
    examples: [
      ['order erase ord_…', 'for operators: its address and payment token are gone from every service'],
    ],
  })
    .description('erase address and payment token of an order that has ended')
    .action(run(eraseOrder))
}

const addSubmit = (order: Command, run: Run): void => {
  command(order.command('submit'), {
    examples: [
      ['order submit --line SKU-7:2', 'two of SKU-7, paid and shipped with test data'],
      [
        'order submit --line SKU-1 --token tok_decline --wait',
        'one whose card is declined; waits for its end',
      ],
      [
        'order submit --file order.json --idempotency-key monday-1',
        'the body of POST /orders from a file, - for stdin',
      ],
    ],
    exits:
      '0 accepted (with --wait: confirmed), 1 refused (with --wait: rejected, cancelled or not in time), 2 wrong usage, 3 not reachable',
  })
    .description('place an order')
    .option('--line <sku:quantity>', 'what to buy; may be repeated', line, [])
    .option('--customer <id>', 'who buys', 'customer-1')
    .option('--token <token>', 'the payment token', 'tok_approve')
    .option('--name <name>', 'the name of the recipient', 'Ada')
    .option('--street <line>', 'where to', '1 High Street')
    .option('--city <city>', '', 'London')
    .option('--postal-code <code>', '', 'N1 9GU')
    .option('--country <country>', '', 'GB')
    .option('--file <path>', 'the whole body as JSON instead, - for stdin')
    .option('--idempotency-key <key>', 'the same key and body are one order, however often they are sent')
    .option('--wait', 'wait until the order has ended and awaits nothing')
    .option('--within <duration>', 'how long to wait', age, 60_000)
    .action(run(submit))
}

const submit = async (session: Session, options: Submit): Promise<number> => {
  const headers = options.idempotencyKey ? { 'idempotency-key': options.idempotencyKey } : {}
  const request = { method: 'POST' as const, body: bodyOf(options), headers }
  const placed = await session.api().call('/orders', Receipt, request)
  if (!options.wait) {
    session.show(placed, ({ orderId: id, total }) => `${id}  placed, ${amount(total)} to pay`)
    return exits.done
  }
  const ended = await untilSettled(session, placed.orderId, options.within)
  showOrder(session, ended)
  return ended.status === 'confirmed' ? exits.done : exits.refused
}

const bodyOf = (options: Submit): unknown => {
  if (options.file !== undefined) return bodyFrom(options.file)
  if (options.line.length === 0)
    throw wrongUsage(
      'there is nothing to buy.',
      'Name it with --line SKU:QUANTITY, or the whole body with --file.',
    )
  const { name, street, city, postalCode, country } = options
  return {
    customerId: options.customer,
    lines: options.line,
    payment: { token: options.token },
    shipTo: { name, line1: street, city, postalCode, country },
  }
}

const bodyFrom = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path === '-' ? 0 : path, 'utf8'))
  } catch {
    throw wrongUsage(
      `--file ${path} cannot be read as JSON.`,
      'Name a file with the body of POST /orders, or - for stdin.',
    )
  }
}

const find = (session: Session, id: string): Promise<OrderAnswer> =>
  session.api().call(`/orders/${id}`, OrderAnswer)

const untilSettled = async (session: Session, id: string, withinMs: number): Promise<OrderAnswer> => {
  const { terminal, signal } = session
  const end = systemClock.now() + withinMs
  for (;;) {
    const order = await find(session, id)
    if (order.awaiting.length === 0 || systemClock.now() > end) return order
    terminal.progress(`${id} is ${order.status}, awaits ${order.awaiting.join(' or ')}`)
    await sleep(systemClock, 200, signal)
    signal.throwIfAborted()
  }
}

const showOrder = ({ show, terminal: { paint } }: Session, order: OrderAnswer): void =>
  show(order, ({ status, lines, total, awaiting, ...rest }) =>
    [
      `${order.orderId}  ${statusIn(paint, status)}${rest.reason ? `, ${rest.reason}` : ''}`,
      ...lines.map(one => `  ${one.quantity} x ${one.sku} at ${amount(one.unitPrice)}`),
      `  total ${amount(total)}`,
      ...(rest.trackingNumber ? [`  parcel ${rest.trackingNumber}`] : []),
      ...(rest.cancelRequested && status === 'placed' ? ['  a cancel is asked for'] : []),
      ...(awaiting.length > 0 ? [`  awaits ${awaiting.join(' or ')}`] : []),
      ...(rest.erasedAt ? [`  address and token erased at ${rest.erasedAt}`] : []),
    ].join('\n'),
  )

const cancel = async (session: Session, _: object, id: string): Promise<void> => {
  const answer = await session.api().call(`/orders/${id}/cancel`, CancelAsked, { method: 'POST' })
  session.show(answer, () => `${id}  a cancel is asked for; shipping decides whether it comes in time`)
}

const eraseOrder = async (session: Session, _: object, id: string): Promise<void> => {
  const answer = await session.api().call(`/orders/${id}/erase`, Erased, { method: 'POST' })
  session.show(answer, () => `${id}  address and payment token are erased in every service`)
}
