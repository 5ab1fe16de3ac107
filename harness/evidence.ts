import type { LedgerEntry } from '../local/providers/ledger.ts'
import type { Catalogue } from '../services/order/http/api/answers.ts'
import type { Books } from '../services/private-calls/stock.ts'
import type { Evidence } from './audit.ts'
import type { Door } from './door.ts'
import { inParallel } from './in-parallel.ts'
import { readLedgers } from './ledgers.ts'
import type { PatientCall } from './patient.ts'
import type { Tracked } from './workload.ts'

/** Where the outside of a system is asked. */
export type Sources = {
  readonly door: Door
  readonly caller: PatientCall
  readonly paymentProvider: string
  readonly carrier: string
}

/** What stock and ledgers said at one moment. */
export type Snapshot = {
  readonly catalogue: Catalogue
  readonly stock: readonly Books[]
  readonly ledger: readonly LedgerEntry[]
}

const atOnce = 16

/** Asks for the stock of everything in the catalogue, and for both ledgers. */
export const takeSnapshot = async ({ door, caller, ...providers }: Sources): Promise<Snapshot> => {
  const catalogue = await door.catalogue()
  const stock = await inParallel(atOnce, catalogue, ({ sku }) => door.stock(sku))
  return { catalogue, stock, ledger: await readLedgers(providers, caller) }
}

/** What the outside says about a run that began at `before` and is over now. */
export const gatherEvidence = async (
  sources: Sources,
  before: Snapshot,
  run: { orders: readonly Tracked[]; alone: boolean; disturbed: boolean },
): Promise<Evidence> => {
  const now = await takeSnapshot(sources)
  const old = new Set(before.ledger.map(({ key }) => key))
  const ledger = now.ledger.filter(({ key }) => !old.has(key))
  const ours = new Set(run.orders.flatMap(({ orderIds }) => [...orderIds]))
  const others = [...new Set(ledger.map(({ orderId }) => orderId))].filter(id => !ours.has(id))
  const known = await inParallel(atOnce, others, async id => (await sources.door.find(id)) !== undefined)
  return {
    ...{ ...run, catalogue: now.catalogue, ledger, before: before.stock, after: now.stock },
    strangers: { known: others.filter((_, i) => known[i]), unknown: others.filter((_, i) => !known[i]) },
  }
}
