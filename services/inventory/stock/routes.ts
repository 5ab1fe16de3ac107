import type { PrivateAnswer, PrivateEndpoints, RoutesFor } from '../../../shared/runtime/http/private-port.ts'
import { problem } from '../../../shared/runtime/http/problem.ts'
import type { Clock } from '../../../shared/runtime/time/clock.ts'
import { Sku } from '../../contract/ids.ts'
import { RestockCommand } from '../../private-calls/stock.ts'
import { type RestockContext, restock } from './restock.ts'
import { stockOf } from './totals.ts'

/** What the private port answers about stock. */
export const stockEndpoints = {
  '/stock/:sku': 'the stock totals of a SKU',
  'POST /stock/:sku/restock':
    'adds `{units}` once for each `{id}`; `{outcome}` is added, unknown-sku or key-reused',
} as const satisfies PrivateEndpoints

/** The private routes about stock. */
export const stockRoutes = (supply: RestockContext, clock: Clock): RoutesFor<typeof stockEndpoints> => ({
  '/stock/:sku': async ({ sku: given }) => {
    const sku = Sku.safeParse(given)
    const books = sku.success ? await stockOf(supply.stock, sku.data) : undefined
    return books ? { status: 200, body: books } : unknownSku
  },
  'POST /stock/:sku/restock': async ({ sku: given }, body) => {
    const [sku, wish] = [Sku.safeParse(given), RestockCommand.safeParse(body)]
    if (!sku.success) return { status: 200, body: { outcome: 'unknown-sku' } }
    if (!wish.success) return invalidBody
    const outcome = await restock(supply, { ...wish.data, sku: sku.data, at: clock.now() })
    const stock = outcome === 'added' ? await stockOf(supply.stock, sku.data) : undefined
    return { status: 200, body: { outcome, ...(stock && { stock }) } }
  },
})

const refused = (status: number, code: string, title: string, detail: string): PrivateAnswer => ({
  status,
  body: problem(status, code, { title, detail }),
})

const unknownSku = refused(404, 'sku-unknown', 'No such SKU', 'Nothing of that name is kept.')
const invalidBody = refused(400, 'fields-invalid', 'Invalid request', 'Expected id and 1 to 1000000 units.')
