import type { Hold } from './store.ts'

/** What one order sees of a lot: what is on hand, and its own hold. */
export type LotView = { readonly lot: number; readonly onHand: number; readonly own: Hold | undefined }

/**
 * How much of the store was read for this round: nothing, because this process remembers what it last read
 * and wrote; every lot that holds anything; or every lot. What is remembered may be old. A write that rests
 * on it is refused then, but what is not seen may be there.
 */
export type ReadDepth = 'remembered' | 'holds' | 'all'

/**
 * What an order sees of the stock of one SKU: the lots where it holds something, and others to take from, the
 * preferred ones first.
 */
export type StockView = {
  readonly own: readonly LotView[]
  readonly others: () => Iterable<LotView>
  readonly depth: ReadDepth
}

/** The order's hold in a lot, as it is to be; `shipped` units of the one before leave the stock. */
export type HoldChange = { readonly lot: number; readonly own: Hold | undefined; readonly shipped?: number }

/** What a rule answers: the lots that change and what it says, or how much it has to see first. */
export type LotRuleResult<Outcome> =
  | { readonly changed: readonly HoldChange[]; readonly outcome: Outcome }
  | { readonly look: Exclude<ReadDepth, 'remembered'> }

/**
 * A rule about one order and one SKU. It may be asked again when another process was faster, or when it wants
 * to see more.
 */
export type LotRule<Outcome> = (sight: StockView) => LotRuleResult<Outcome>

export type HoldRequest = { readonly quantity: number; readonly token: number; readonly at: number }

/**
 * Holds the quantity under this token: what older attempts of the order hold is taken over, the rest is taken
 * from what is on hand. A newer attempt makes this one stale. Short or stale changes nothing; what is short
 * was looked for in every lot.
 */
export const holdUnits =
  (wanted: HoldRequest): LotRule<'held' | 'short' | 'stale'> =>
  sight => {
    const { own, depth } = sight
    if (wanted.token > 1 && depth === 'remembered') return { look: 'holds' }
    if (own.some(lot => lot.own && lot.own.token > wanted.token)) return { changed: [], outcome: 'stale' }
    const { changed, missing } = gathered(sight, wanted)
    if (missing === 0) return { changed, outcome: 'held' }
    return depth === 'all' ? { changed: [], outcome: 'short' } : { look: 'all' }
  }

/** What comes together, first where the order holds something, and how many units are missing then. */
const gathered = (
  { own, others }: StockView,
  wanted: HoldRequest,
): { changed: HoldChange[]; missing: number } => {
  const changed: HoldChange[] = []
  let missing = wanted.quantity
  const take = (lot: LotView) => {
    const quantity = Math.min(missing, (lot.own?.quantity ?? 0) + lot.onHand)
    missing -= quantity
    changed.push(...holding(lot, quantity, wanted))
  }
  own.forEach(take)
  if (missing === 0) return { changed, missing }
  for (const lot of others()) {
    take(lot)
    if (missing === 0) break
  }
  return { changed, missing }
}

/** The lot with exactly this quantity under this token; nothing when it is so already. */
const holding = ({ lot, own }: LotView, quantity: number, { token, at }: HoldRequest): HoldChange[] => {
  if (quantity === (own?.quantity ?? 0) && (quantity === 0 || own?.token === token)) return []
  return [{ lot, own: quantity > 0 ? { quantity, token, at } : undefined }]
}

/**
 * Holds the quantity for a first attempt where so much is on hand that `spare` units are left in the lot;
 * else it is scarce, and nothing changes.
 */
export const holdIfAmple =
  (wanted: HoldRequest, spare: number): LotRule<'held' | 'scarce'> =>
  ({ own, others }) => {
    if (wanted.token > 1 || own.length > 0) return { changed: [], outcome: 'scarce' }
    for (const lot of others()) {
      if (lot.onHand - wanted.quantity < spare) break
      return { changed: holding(lot, wanted.quantity, wanted), outcome: 'held' }
    }
    return { changed: [], outcome: 'scarce' }
  }

/** What an order holds under a token: so many units, if its attempt came to an end. */
export type HeldUnits = { readonly quantity: number; readonly token: number }

/**
 * An attempt holds all of its line or is not over, so what comes to the quantity is all; less may be
 * elsewhere.
 */
const isAll = ({ own, depth }: StockView, { quantity, token }: HeldUnits): boolean =>
  depth !== 'remembered' ||
  quantity === own.reduce((sum, lot) => sum + (lot.own?.token === token ? lot.own.quantity : 0), 0)

const emptied = (own: readonly LotView[], applies: (token: number) => boolean): readonly HoldChange[] =>
  own.flatMap(({ lot, own: hold }) => (hold && applies(hold.token) ? [{ lot, own: undefined }] : []))

/** Puts back in stock what the order holds under this token or an older one; what is gone already is done. */
export const releaseHold =
  (held: HeldUnits): LotRule<void> =>
  sight =>
    isAll(sight, held)
      ? { changed: emptied(sight.own, token => token <= held.token), outcome: undefined }
      : { look: 'holds' }

/** Puts back what the order holds under exactly this token, wherever it is. */
export const releaseExactHold =
  (stale: number): LotRule<void> =>
  ({ own, depth }) =>
    depth === 'remembered'
      ? { look: 'holds' }
      : { changed: emptied(own, token => token === stale), outcome: undefined }

/** Sends out what the order holds under exactly this token; what is gone already is done. */
export const shipHold =
  (held: HeldUnits): LotRule<void> =>
  sight =>
    isAll(sight, held)
      ? { changed: sight.own.flatMap(sentUnder(held.token)), outcome: undefined }
      : { look: 'holds' }

const sentUnder =
  (token: number) =>
  ({ lot, own }: LotView): HoldChange[] =>
    own?.token === token ? [{ lot, own: undefined, shipped: own.quantity }] : []
