import { z } from 'zod'

/**
 * An amount in integer cents, never negative; at most ten billion, far below where numbers lose precision.
 */
export const Cents = z.int().min(0).max(1_000_000_000_000).brand<'Cents'>()
export type Cents = z.output<typeof Cents>

/** The sum of price times quantity over all lines, in cents. */
export const totalOf = (lines: readonly { readonly quantity: number; readonly unitPrice: number }[]): Cents =>
  Cents.parse(lines.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0))
