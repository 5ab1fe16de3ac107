import type { StockLine } from '../../contract/fields.ts'
import type { OrderId } from '../../contract/ids.ts'
import type { HoldAnswer } from '../domain.ts'
import { holdIfAmple, holdUnits, releaseHold, shipHold } from './lot-rules.ts'
import type { LotWriter } from './lot-writer.ts'

/** An attempt at the stock for an order, fenced by the token that is in the order's document. */
export type StockRequest = {
  readonly orderId: OrderId
  readonly lines: readonly StockLine[]
  readonly token: number
}

/** `stale`: a newer attempt has taken over, so read the order's document again. */
export type HoldOutcome = HoldAnswer | { readonly outcome: 'stale' }

/**
 * The largest quantity of a line. Where as much is left, nobody is short because of what was taken before its
 * turn.
 */
const usualSpare = 1_000

/**
 * Holds all lines, or none and says which one is short (protocol, rule 4). Doing it again with a larger token
 * takes over what is held. `at` (ms) is when it was asked. Lines of which at least `spare` units are left in
 * the lot do not wait for the lines before them.
 * @throws SagaError `store-unavailable`: unknown, so try again with a larger token
 */
export const hold = async (
  lotWriter: LotWriter,
  request: StockRequest & { readonly at: number },
  spare = usualSpare,
): Promise<HoldOutcome> => {
  const { orderId, lines, token } = request
  // In one order for all, so that of orders that want the same last units one gets all of its lines.
  const [first, ...others] = [...lines].sort((a, b) => (a.sku < b.sku ? -1 : 1))
  const take = ({ sku, quantity }: StockLine) =>
    lotWriter.change(sku, orderId, holdUnits({ ...request, quantity }))
  const early = others.map(({ sku, quantity }) =>
    lotWriter.change(sku, orderId, holdIfAmple({ ...request, quantity }, spare)),
  )
  const [outcome, ...ample] = await Promise.all([first ? take(first) : 'held', ...early])
  const scarce = others.filter((_, place) => ample[place] === 'scarce')
  const found = first && outcome !== 'held' ? { line: first, outcome } : await firstNotHeld(scarce, take)
  if (!found) return { outcome: 'held' }
  if (found.outcome !== 'short') return { outcome: 'stale' }
  await release(lotWriter, { orderId, lines, token })
  return { outcome: 'short', shortOf: found.line.sku }
}

/** Takes one line after the other, up to the first that cannot be held. */
const firstNotHeld = async <Outcome>(
  lines: readonly StockLine[],
  take: (line: StockLine) => Promise<Outcome | 'held'>,
): Promise<{ line: StockLine; outcome: Outcome } | undefined> => {
  for (const line of lines) {
    const outcome = await take(line)
    if (outcome !== 'held') return { line, outcome }
  }
  return undefined
}

/**
 * Puts everything that the order holds under this token or an older one back in stock; twice is as good as
 * once.
 */
export const release = async (
  lotWriter: LotWriter,
  { orderId, lines, token }: StockRequest,
): Promise<void> => {
  await Promise.all(
    lines.map(({ sku, quantity }) => lotWriter.change(sku, orderId, releaseHold({ quantity, token }))),
  )
}

/** Sends out everything that the order holds under this token; twice is as good as once. */
export const consume = async (
  lotWriter: LotWriter,
  { orderId, lines, token }: StockRequest,
): Promise<void> => {
  await Promise.all(
    lines.map(({ sku, quantity }) => lotWriter.change(sku, orderId, shipHold({ quantity, token }))),
  )
}
