import { z } from 'zod'
import { RestockUnits } from '../../shared/contract/door-answers.ts'
import { Sku } from '../../shared/contract/ids.ts'
import type { Clock } from '../../shared/runtime/clock.ts'
import type { PrivateAnswer, PrivateEndpoints, RoutesFor } from '../../shared/runtime/private-port.ts'
import { problem } from '../../shared/runtime/problem.ts'
import { stockOf } from './books.ts'
import { restock, type Supply } from './restock.ts'

/** What is asked of the private port: units to add, under an id that is the same for the same wish. */
const RestockBody = z.strictObject({
  id: z.string().regex(/^rst_[0-9a-v]{26}$/),
  units: RestockUnits,
})

/** What the private port answers about stock. */
export const stockEndpoints = {
  '/stock/:sku': 'the books of a SKU',
  'POST /stock/:sku/restock':
    'adds `{units}` once for each `{id}`; `{outcome}` is added, unknown-sku or key-reused',
} as const satisfies PrivateEndpoints

/** The private routes about stock. */
export const stockRoutes = (supply: Supply, clock: Clock): RoutesFor<typeof stockEndpoints> => ({
  '/stock/:sku': async ({ sku: given }) => {
    const sku = Sku.safeParse(given)
    const books = sku.success ? await stockOf(supply.stock, sku.data) : undefined
    return books ? { status: 200, body: books } : unknownSku
  },
  'POST /stock/:sku/restock': async ({ sku: given }, body) => {
    const [sku, wish] = [Sku.safeParse(given), RestockBody.safeParse(body)]
    if (!sku.success) return { status: 200, body: { outcome: 'unknown-sku' } }
    if (!wish.success) return invalidBody
    const outcome = await restock(supply, { ...wish.data, sku: sku.data, at: clock.now() })
    if (outcome !== 'added') return { status: 200, body: { outcome } }
    return { status: 200, body: { outcome, stock: await stockOf(supply.stock, sku.data) } }
  },
})

const refused = (status: number, code: string, title: string, detail: string): PrivateAnswer => ({
  status,
  body: problem(status, code, { title, detail }),
})

const unknownSku = refused(404, 'sku-unknown', 'No such SKU', 'Nothing of that name is kept.')
const invalidBody = refused(400, 'fields-invalid', 'Invalid request', 'Expected id and 1 to 1000000 units.')
