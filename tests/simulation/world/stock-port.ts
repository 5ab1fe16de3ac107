import type { memoryStockStore } from '../../../services/inventory/stock/memory-store.ts'
import { type Lot, type LotChange, lotKey, type StockStore } from '../../../services/inventory/stock/store.ts'
import { short, storeAway, type Watch } from './ports.ts'
import type { Owner, Schedule } from './schedule.ts'

/** What a process was last told of each lot: all that it can remember of the stock while it is idle. */
export type Remembered = Map<string, number>

export const simulatedStock = (
  schedule: Schedule,
  owner: Owner,
  store: ReturnType<typeof memoryStockStore>,
  watch: Watch,
  remembered: Remembered,
): StockStore => {
  const told = <T extends readonly (Lot | undefined)[]>(lots: T): T => {
    for (const lot of lots) if (lot) remembered.set(lotKey(lot), lot.version)
    return lots
  }
  const about = (port: string, text: () => string) => ({
    port,
    text,
    key: `${owner.name}|stock`,
    unknown: storeAway(port),
  })
  return {
    lots: sku =>
      schedule.call(
        owner,
        about('lots', () => `reads the lots of ${sku}`),
        async () => told(await store.lots(sku)),
      ),
    lot: name =>
      schedule.call(
        owner,
        about('one lot', () => `reads lot ${name.lot} of ${name.sku}`),
        async () => told([await store.lot(name)])[0],
      ),
    held: sku =>
      schedule.call(
        owner,
        about('held', () => `reads what is held of ${sku}`),
        async () => told(await store.held(sku)),
      ),
    commit: (lot, change) =>
      schedule.call(
        owner,
        about('lot', () => `changes lot ${lot.lot} of ${lot.sku}: ${changeText(change)}`),
        async () => {
          const outcome = await store.commit(lot, change)
          remembered.set(lotKey(lot), outcome === 'committed' ? lot.version + 1 : 0)
          if (outcome === 'committed') watch.stockWritten()
          else watch.conflict('stock')
          return outcome
        },
      ),
    add: lot =>
      schedule.call(
        owner,
        about('add', () => `adds lot ${lot.lot} of ${lot.sku}`),
        async () => {
          const outcome = await store.add(lot)
          if (outcome === 'committed') watch.stockWritten()
          return outcome
        },
      ),
    holding: page =>
      schedule.call(
        owner,
        about('holding', () => 'lists what is held'),
        () => store.holding(page),
      ),
  }
}

const changeText = ({ holds, moves = {}, receipts = {} }: LotChange) =>
  [
    ...(Object.keys(holds).length > 0 ? [heldText(holds)] : []),
    ...Object.entries(moves).map(([id, move]) =>
      move ? `${move.to} gets some (${id})` : `${id} has arrived`,
    ),
    ...Object.entries(receipts).map(([id, from]) => (from === null ? `${id} is over` : `here is ${id}`)),
  ].join(', ')

const heldText = (holds: Readonly<Record<string, { quantity: number; token: number } | null>>) =>
  Object.entries(holds)
    .map(
      ([id, hold]) =>
        `${short(id)} ${hold ? `holds ${hold.quantity} under token ${hold.token}` : 'holds nothing'}`,
    )
    .join(', ')
