import type { StockTotals } from '../services/private-calls/stock.ts'
import { SagaError } from '../shared/runtime/errors.ts'
import type { Random } from '../shared/runtime/random.ts'
import type { Line, OrderBody } from './api-client.ts'
import { type Kind, type KindName, kinds } from './order-kinds.ts'

/** An order that is going to be submitted. */
export type Planned = {
  readonly kind: KindName
  /** Its Idempotency-Key. */
  readonly key: string
  readonly body: OrderBody
  readonly copies: number
  readonly cancelAfterMs?: number
}

/** `run` is a name that no other run has: the idempotency keys begin with it. */
export type PlanOptions = { count: number; run: string; stock: readonly StockTotals[]; random: Random }

/** With fewer orders some kind would not happen. */
export const fewestOrders = 40
const mostPerLine = 1_000

/**
 * `count` orders of every kind in a random sequence, none of which asks for more than there is except those
 * that are to find too little.
 * @throws SagaError `config-invalid` when there are too few orders for all kinds, or too little stock for
 * them
 */
export const planOrders = ({ count, run, stock, random }: PlanOptions): Planned[] => {
  if (count < fewestOrders)
    throw new SagaError('config-invalid', `--orders must be ${fewestOrders} or more`, { retry: 'never' })
  const wanted = shuffled(kindsOf(count), random)
  const scarce = scarcest(stock)
  const rush = wanted.filter(kind => isScarce(kinds[kind])).length
  const pick = picker(
    stock.filter(({ sku }) => sku !== scarce.sku),
    random,
  )
  return wanted.map((kind, n): Planned => {
    const { cancel, copies = 1, ...how }: Kind = kinds[kind]
    const lines = isScarce(how) ? [tooMuch(scarce, rush)] : pick()
    return {
      ...{ kind, copies, key: `${run}-${n}`, body: bodyOf(how, lines, n) },
      ...(cancel && { cancelAfterMs: cancel[0] + random.int(cancel[1] - cancel[0]) }),
    }
  })
}

const isScarce = ({ scarce }: Omit<Kind, 'cancel'>) => scarce === true

const kindsOf = (count: number): KindName[] => {
  const each = Object.entries(kinds) as [KindName, Kind][]
  const list = each.flatMap(([name, { share }]) =>
    Array.from({ length: Math.floor((count * share) / 100) }, () => name),
  )
  return [...list, ...Array.from({ length: count - list.length }, (): KindName => 'ordinary')]
}

const shuffled = <T>(items: readonly T[], random: Random): T[] => {
  const left = [...items]
  return items.flatMap(() => left.splice(random.int(left.length), 1))
}

const soldOut = () =>
  new SagaError('config-invalid', 'the stock is used up: restock it, or start with another data folder', {
    retry: 'never',
  })

/** The SKU with least left, so that one after the other is used up. */
const scarcest = (stock: readonly StockTotals[]): StockTotals => {
  const [least] = stock.filter(({ onHand }) => onHand > 0).toSorted((a, b) => a.onHand - b.onHand)
  if (!least) throw soldOut()
  return least
}

/** As many units that two such orders find enough, and a third does not. */
const tooMuch = ({ sku, onHand }: StockTotals, rush: number): Line => ({
  sku,
  quantity: Math.min(mostPerLine, Math.floor(onHand / Math.min(3, rush)) + 1),
})

/** Picks one to three lines of a few units from what is left. */
const picker = (stock: readonly StockTotals[], random: Random) => {
  const left = new Map(stock.map(({ sku, onHand }) => [sku, onHand]))
  const take = (): Line => {
    const quantity = 1 + random.int(3)
    const able = [...left].filter(([, units]) => units >= quantity)
    const [sku, units] = able[random.int(Math.max(1, able.length))] ?? []
    if (sku === undefined || units === undefined) throw soldOut()
    left.set(sku, units - quantity)
    return { sku, quantity }
  }
  return () => merged(Array.from({ length: 1 + random.int(3) }, take))
}

/** One line per SKU. */
const merged = (lines: readonly Line[]): Line[] => {
  const bySku = new Map<string, number>()
  for (const { sku, quantity } of lines) bySku.set(sku, (bySku.get(sku) ?? 0) + quantity)
  return [...bySku].map(([sku, quantity]) => ({ sku, quantity }))
}

const bodyOf = ({ token, postalCode = 'N1 9GU' }: Omit<Kind, 'cancel'>, lines: Line[], n: number) => ({
  customerId: `demo-${n}`,
  lines,
  payment: { token },
  shipTo: { name: 'Ada', line1: '1 High Street', city: 'London', postalCode, country: 'GB' },
})
