import { serviceNames } from '../../services/registry.ts'
import type { Used } from '../measure/observe.ts'
import { type Bench, measured, type Offer, warm } from './measured.ts'
import type { Run } from './run.ts'

const longestSeconds = 3_600

/** Memory of the services together, in MB. */
const memoryOf = ({ rssBytes }: Used) =>
  Math.round(serviceNames.reduce((sum, name) => sum + (rssBytes[name] ?? 0), 0) / 1e6)

/**
 * Runs once `few` orders are stored and once `many` are; the runs say how many there were, and what memory
 * the services held.
 */
export const history = async (
  bench: Bench,
  offer: Offer,
  { few, many }: { few: number; many: number },
): Promise<Run[]> => {
  let stored = 0
  const at = async (wanted: number): Promise<Run> => {
    const missing = Math.max(0, wanted - stored)
    if (missing > 0) await warm(bench, { ...offer, seconds: longestSeconds, orders: missing })
    stored += missing
    const { run } = await measured(bench, offer, { trial: `history-${wanted}` })
    stored += run.orders
    return { ...run, extra: { stored: wanted, servicesMb: memoryOf(run.used) } }
  }
  return [await at(few), await at(many)]
}
