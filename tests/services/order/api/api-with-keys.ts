import { Sku } from '../../../../services/contract/ids.ts'
import type { OperatorPort } from '../../../../services/order/operator-use-cases.ts'
import { keyOf } from './api-server.ts'

/** A caller and an operator. */
export const [ada, olga] = [keyOf('ada'), keyOf('olga')]

/** The header of whoever has this key. */
export const as = ({ key }: { key: string }) => ({ authorization: `Bearer ${key}` })

/** A door that knows both. */
export const config = { CHOREO_CALLER_KEYS: [ada.holder], CHOREO_OPERATOR_KEYS: [olga.holder] }

/** Stock totals that balance. */
export const stock = { sku: Sku.parse('SKU-0'), initial: 10, restocked: 5, onHand: 13, held: 2, shipped: 0 }

/** An operator's desk that does all that it is asked for. */
export const operator: OperatorPort = {
  restock: async () => ({ outcome: 'added', stock }),
  erase: async () => 'erased',
  resolve: async () => 'resolved',
}
