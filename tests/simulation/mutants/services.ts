import type { Mutant } from './mutant.ts'

const order = 'services/order/domain.js'
const payment = 'services/payment/domain.js'
const shipping = 'services/shipping/domain.js'

export const serviceMutants: readonly Mutant[] = [
  {
    name: 'no-payment-tombstone',
    rule: '5: a refusal before the charge leaves a tombstone',
    file: payment,
    find: 'return accept(PaymentVoided({}));',
    replace: "return ignore('nothing is charged');",
  },
  {
    name: 'tombstone-overlooked',
    rule: '5: after a tombstone the late charge does nothing',
    file: payment,
    find: "payment.status === 'none'\n    ? call({ kind: 'charge'",
    replace: "payment.status !== 'captured'\n    ? call({ kind: 'charge'",
  },
  {
    name: 'closed-payment-speaks',
    rule: '1: a closed service never emits again',
    file: payment,
    find: "case 'closed':\n            return ignore(",
    replace: "case 'closed':\n            return accept(PaymentVoided({}));\n            ignore(",
  },
  {
    name: 'fresh-key',
    rule: 'wrong pattern: a fresh key per attempt at the provider',
    file: 'services/payment/perform.js',
    find: 'key: `$' + '{orderId}:$' + '{call.kind}`',
    replace: 'key: [orderId, call.kind, (globalThis.attempts = (globalThis.attempts ?? 0) + 1)].join()',
  },
  {
    name: 'no-stock-tombstone',
    rule: '5: a release before the hold leaves a tombstone',
    file: 'services/inventory/domain.js',
    find: 'return accept(InventoryReleased({ lines: [] }));',
    replace: "return ignore('nothing is held');",
  },
  {
    name: 'two-arbiters',
    rule: '5: the first decision of shipping wins',
    file: shipping,
    find: "shipment.status === 'none'\n    ? accept(ShipmentRefused({ reason: 'cancelled' }))",
    replace: "shipment.status !== 'closed'\n    ? accept(ShipmentRefused({ reason: 'cancelled' }))",
  },
  {
    name: 'ships-the-cancelled',
    rule: '5: what is refused is never shipped',
    file: shipping,
    find: "shipment.status === 'none'\n    ? call({ kind: 'schedule'",
    replace: "shipment.status !== 'scheduled'\n    ? call({ kind: 'schedule'",
  },
  {
    name: 'cancelled-before-stock-is-back',
    rule: '5: the end waits for every compensation',
    file: order,
    find: "if (!has('inventory.released'))\n        return undefined;",
    replace: '',
  },
  {
    name: 'cancelled-before-money-is-back',
    rule: '5: the end waits for the money',
    file: order,
    find: "if (!has('shipment.refused') || !(has('payment.refunded') || has('payment.voided')))",
    replace: "if (!has('shipment.refused'))",
  },
  {
    name: 'settled-without-consumed',
    rare: true,
    rule: '2: a confirmed order is settled once the stock has left',
    file: order,
    find: "return order.heard.includes('inventory.consumed');",
    replace: 'return true;',
  },
  {
    name: 'no-nudge',
    rule: '2: an order past its deadline is sent again',
    file: order,
    find: 'nudge: !asks }',
    replace: 'nudge: false }',
  },
  {
    name: 'shipping-stays-open',
    rule: '5: shipping closes when there is nothing to ship',
    file: shipping,
    find: "shipment.status === 'none'\n    ? accept(ShipmentClosed({ because: type }))",
    replace: "shipment.status === 'never'\n    ? accept(ShipmentClosed({ because: type }))",
    tolerated: 'a late cancel is then refused and voided although nobody needs it; the end stays the same',
  },
]
