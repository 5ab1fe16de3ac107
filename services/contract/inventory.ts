import { z } from 'zod'
import type { EventOf } from '../../shared/contract/event.ts'
import { defineEvent } from './define.ts'
import { Address, linesOf, PaymentToken, StockLine } from './fields.ts'
import { Sku } from './ids.ts'
import { Cents } from './money.ts'

/**
 * Every line is held for the order. Carries what payment needs to charge, and the address that it passes on.
 */
export const InventoryReserved = defineEvent(
  'inventory.reserved',
  1,
  z.strictObject({ lines: linesOf(StockLine), total: Cents, paymentToken: PaymentToken, shipTo: Address }),
)
export type InventoryReserved = EventOf<typeof InventoryReserved>

/** Nothing is held, because one line could not be. */
export const InventoryRejected = defineEvent('inventory.rejected', 1, z.strictObject({ shortOf: Sku }))
export type InventoryRejected = EventOf<typeof InventoryRejected>

/** The hold is gone; no lines when there was none, and there never will be one. */
export const InventoryReleased = defineEvent(
  'inventory.released',
  1,
  z.strictObject({ lines: z.array(StockLine).max(100) }),
)
export type InventoryReleased = EventOf<typeof InventoryReleased>

/** What was held has left the house. */
export const InventoryConsumed = defineEvent(
  'inventory.consumed',
  1,
  z.strictObject({ lines: linesOf(StockLine) }),
)
export type InventoryConsumed = EventOf<typeof InventoryConsumed>
