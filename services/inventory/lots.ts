import type { Hold, Lot } from '../../shared/persistence/stock.ts'

/** What one order sees of a lot: its numbers, and its own hold. */
export type LotView = Pick<Lot, 'lot' | 'onHand' | 'held' | 'shipped'> & { readonly own: Hold | undefined }

/** What a rule answers: the lots that change, as they are to be, and what it says. */
export type Verdict<Outcome> = { readonly changed: readonly LotView[]; readonly outcome: Outcome }

/** A rule about one order and all lots of one SKU, the preferred ones first. It may be asked again when another process was faster. */
export type Rule<Outcome> = (lots: readonly LotView[]) => Verdict<Outcome>

/**
 * Holds the quantity under this token: what older attempts of the order hold is taken over, the rest is taken from what is on hand.
 * A newer attempt makes this one stale. Short or stale changes nothing.
 */
export const takeHold =
  (wanted: { quantity: number; token: number; at: number }): Rule<'held' | 'short' | 'stale'> =>
  lots => {
    const mine = lots.filter(({ own }) => own)
    if (mine.some(({ own }) => own && own.token > wanted.token)) return { changed: [], outcome: 'stale' }
    const changed: LotView[] = []
    let missing = wanted.quantity
    const take = (lot: LotView) => {
      const quantity = Math.min(missing, (lot.own?.quantity ?? 0) + lot.onHand)
      missing -= quantity
      changed.push(...holding(lot, quantity, wanted))
    }
    mine.forEach(take)
    for (const lot of lots) {
      if (missing === 0) break
      if (!lot.own) take(lot)
    }
    return missing > 0 ? { changed: [], outcome: 'short' } : { changed, outcome: 'held' }
  }

/** The lot with exactly this quantity under this token; nothing when it is so already. */
const holding = (lot: LotView, quantity: number, { token, at }: { token: number; at: number }): LotView[] => {
  const { own } = lot
  if (quantity === (own?.quantity ?? 0) && (quantity === 0 || own?.token === token)) return []
  const more = quantity - (own?.quantity ?? 0)
  return [
    {
      ...lot,
      onHand: lot.onHand - more,
      held: lot.held + more,
      own: quantity > 0 ? { quantity, token, at } : undefined,
    },
  ]
}

/** Puts back on the shelf what the order holds under a token that `applies`; what is gone already is done. */
export const putBack =
  (applies: (token: number) => boolean): Rule<void> =>
  lots => ({
    changed: lots.flatMap(({ own, ...lot }) =>
      own && applies(own.token)
        ? [{ ...lot, onHand: lot.onHand + own.quantity, held: lot.held - own.quantity, own: undefined }]
        : [],
    ),
    outcome: undefined,
  })

/** Sends out what the order holds under exactly this token; what is gone already is done. */
export const shipOut =
  (token: number): Rule<void> =>
  lots => ({
    changed: lots.flatMap(({ own, ...lot }) =>
      own?.token === token
        ? [{ ...lot, shipped: lot.shipped + own.quantity, held: lot.held - own.quantity, own: undefined }]
        : [],
    ),
    outcome: undefined,
  })
