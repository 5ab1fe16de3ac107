import type { LedgerEntry } from '../local/providers/ledger.ts'
import type { Catalogue } from '../services/order/api/openapi/answers.ts'
import type { StockTotals } from '../services/private-calls/stock.ts'
import type { ApiClient } from './api-client.ts'
import type { AuditEvidence } from './audit.ts'
import { inParallel } from './in-parallel.ts'
import { readLedgers } from './ledgers.ts'
import type { PatientClient } from './patient-client.ts'
import type { WorkloadOrder } from './workload.ts'

/** Where the outside of a system is asked. */
export type Sources = {
  readonly api: ApiClient
  readonly caller: PatientClient
  readonly paymentProvider: string
  readonly carrier: string
}

/** What stock and ledgers said at one moment. */
export type Snapshot = {
  readonly catalogue: Catalogue
  readonly stock: readonly StockTotals[]
  readonly ledger: readonly LedgerEntry[]
}

const atOnce = 16

/** Asks for the stock of everything in the catalogue, and for both ledgers. */
export const takeSnapshot = async ({ api, caller, ...providers }: Sources): Promise<Snapshot> => {
  const catalogue = await api.catalogue()
  const stock = await inParallel(atOnce, catalogue, ({ sku }) => api.stock(sku))
  return { catalogue, stock, ledger: await readLedgers(providers, caller) }
}

/** What the outside says about a run that began at `before` and is over now. */
export const gatherEvidence = async (
  sources: Sources,
  before: Snapshot,
  run: { orders: readonly WorkloadOrder[]; alone: boolean; disturbed: boolean },
): Promise<AuditEvidence> => {
  const now = await takeSnapshot(sources)
  const old = new Set(before.ledger.map(({ key }) => key))
  const ledger = now.ledger.filter(({ key }) => !old.has(key))
  const ours = new Set(run.orders.flatMap(({ orderIds }) => [...orderIds]))
  const others = [...new Set(ledger.map(({ orderId }) => orderId))].filter(id => !ours.has(id))
  const byHand = await decisionsOn(sources, run.orders, ledger)
  const known = await inParallel(atOnce, others, async id => (await sources.api.find(id)) !== undefined)
  return {
    ...{ ...run, catalogue: now.catalogue, ledger, before: before.stock, after: now.stock },
    givenBackByHand: byHand,
    strangers: { known: others.filter((_, i) => known[i]), unknown: others.filter((_, i) => !known[i]) },
  }
}

/** Only an order that has ended without its parcel, and was charged, can have been decided on. */
const decisionsOn = async (
  { api }: Sources,
  orders: readonly WorkloadOrder[],
  ledger: readonly LedgerEntry[],
): Promise<ReadonlyMap<string, number>> => {
  const charges = new Set(ledger.filter(({ kind }) => kind === 'charge').map(({ orderId }) => orderId))
  const ids = orders.flatMap(({ seen }) =>
    seen?.status === 'cancelled' && charges.has(seen.orderId) ? [seen.orderId] : [],
  )
  const amounts = await inParallel(atOnce, ids, async id => [id, await api.givenBackByHand(id)] as const)
  return new Map(amounts.filter(([, amount]) => amount > 0))
}
