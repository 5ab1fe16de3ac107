import { catalogue } from './catalogue.ts'
import type { Line } from './events.ts'
import { stockUnits } from './places.ts'
import { database } from './store.ts'

/** The stock totals of one SKU with the units that each open order holds. */
export type StockOfSku = {
  _id: string
  version: number
  initial: number
  onHand: number
  held: number
  shipped: number
  holds: Record<string, number>
}

const shelves = database('inventory').collection<StockOfSku>('stock')

/** Puts the first stock in stock. */
export const seedStock = async (): Promise<void> => {
  const books = { initial: stockUnits, onHand: stockUnits, held: 0, shipped: 0, holds: {}, version: 1 }
  await shelves.insertMany(catalogue.map(({ sku }) => ({ _id: sku, ...books })))
}

export const readStock = (sku: string) => shelves.findOne({ _id: sku })

type Change = { onHand: number; held: number; shipped: number; hold: number | undefined }

/** What becomes of the stock of a SKU; undefined when there is nothing to do, `short` when there is too little. */
type Decide = (shelf: StockOfSku) => Change | 'short' | undefined

const write = async (shelf: StockOfSku, orderId: string, { hold, ...books }: Change): Promise<boolean> => {
  const place = `holds.${orderId}`
  const { matchedCount } = await shelves.updateOne({ _id: shelf._id, version: shelf.version }, {
    $set: { ...books, version: shelf.version + 1, ...(hold && { [place]: hold }) },
    ...(hold === undefined && { $unset: { [place]: 1 } }),
  } as object)
  return matchedCount === 1
}

const turns = new Map<string, Promise<unknown>>()

/** One change of the stock of a SKU at a time in this process; the guard is for others. */
const inTurn = <T>(sku: string, task: () => Promise<T>): Promise<T> => {
  const turn = (turns.get(sku) ?? Promise.resolve()).then(task, task)
  turns.set(sku, turn)
  return turn
}

const change = (sku: string, orderId: string, decide: Decide): Promise<boolean> =>
  inTurn(sku, async () => {
    for (;;) {
      const shelf = await readStock(sku)
      const decided = shelf ? decide(shelf) : 'short'
      if (decided === 'short') return false
      if (!shelf || !decided || (await write(shelf, orderId, decided))) return true
    }
  })

/** Holds the units for the order, once; false when there are too few. */
export const hold = ({ sku, quantity }: Line, orderId: string): Promise<boolean> =>
  change(sku, orderId, ({ holds, onHand, held, shipped }) => {
    if (holds[orderId] !== undefined) return undefined
    if (onHand < quantity) return 'short'
    return { onHand: onHand - quantity, held: held + quantity, shipped, hold: quantity }
  })

/** Ends what the order holds, once: shipped, or back in stock. */
export const endHold = ({ sku }: Line, orderId: string, how: 'shipped' | 'released'): Promise<boolean> =>
  change(sku, orderId, ({ holds, onHand, held, shipped }) => {
    const units = holds[orderId]
    if (units === undefined) return undefined
    const back = how === 'released' ? units : 0
    return { onHand: onHand + back, held: held - units, shipped: shipped + units - back, hold: undefined }
  })
