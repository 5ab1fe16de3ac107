import type { Mutant } from './mutants.ts'

const stock = 'services/inventory/stock.js'
const lots = 'services/inventory/lots.js'
const moves = 'services/inventory/moves.js'
const shelves = 'services/inventory/shelves.js'
const stockSweep = 'services/inventory/stock-sweep.js'
const order = 'services/order/domain.js'
const payment = 'services/payment/domain.js'
const shipping = 'services/shipping/domain.js'

const holds: readonly Mutant[] = [
  {
    name: 'token-not-raised-first',
    rule: '4: the first attempt puts a new token on record',
    file: 'shared/saga/handle.js',
    find: "record === 'every-attempt' ? { token: document.token + 1 } : {}",
    replace: '{}',
    tolerated: 'counting from zero is as good; what matters is that every later attempt has a larger one',
  },
  {
    name: 'token-not-raised-again',
    rule: '4: every attempt puts a new token on record',
    file: 'shared/saga/intent.js',
    find: 'const change = { token: document.token + 1 };',
    replace: 'const change = { token: document.token };',
  },
  {
    name: 'stale-holds-on',
    rule: '4: who meets a larger token is stale',
    file: lots,
    find: 'lot.own && lot.own.token > wanted.token',
    replace: 'false',
  },
  {
    name: 'short-keeps',
    rule: '4: an attempt that comes up short releases its own holds',
    file: stock,
    find: 'await release(shelves, { orderId, lines, token });',
    replace: '',
  },
  {
    name: 'release-any-token',
    rule: '4: only holds up to the own token are released',
    file: lots,
    find: 'token => token <= held.token',
    replace: '() => true',
  },
  {
    name: 'consume-any-token',
    rule: '4: only holds under the own token are consumed',
    file: lots,
    find: 'own?.token === token ? [{ lot, own: undefined, shipped',
    replace: 'own ? [{ lot, own: undefined, shipped',
  },
  {
    name: 'no-stock-sweep',
    rule: '4: a sweep frees what stale attempts left behind',
    file: stockSweep,
    find: 'freed += await sweepLot(sweep, lot);',
    replace: 'freed += 0;',
  },
  {
    name: 'sweep-reads-document-first',
    rule: '4: the sweep reads the hold, then the document',
    file: stockSweep,
    find: 'if (holder?.open && holder.token === token)\n        return false;\n    await shelves.change(sku, orderId, putBackOnly(token));',
    replace:
      'const judged = held => !holder?.open || holder.token !== held;\n    await shelves.change(sku, orderId, ({ own, depth }) => depth === "remembered" ? { look: "holds" } : { changed: own.flatMap(({ lot, own }) => own && judged(own.token) ? [{ lot, own: undefined }] : []) });',
  },
  {
    name: 'sweep-any-token',
    rule: '4: the sweep frees only the token that it read',
    file: lots,
    find: 'token => token === stale',
    replace: '() => true',
  },
  {
    name: 'sweep-spares-closed',
    rule: '4: the sweep frees the holds of closed orders too',
    file: stockSweep,
    find: 'holder?.open && holder.token === token',
    replace: 'holder?.token === token',
    tolerated:
      'whoever closes an order has released or consumed all holds under its last token; this guards against one that is written late by the server',
  },
]

const remembering: readonly Mutant[] = [
  {
    name: 'short-from-memory',
    rule: '4: short is who has looked into every lot',
    file: lots,
    find: "depth === 'all' ? { changed: [], outcome: 'short' }",
    replace: "true ? { changed: [], outcome: 'short' }",
  },
  {
    name: 'consumes-from-memory',
    rule: '4: less than the line in memory is looked for in the store',
    file: lots,
    find: "depth !== 'remembered' ||",
    replace: 'true ||',
  },
  {
    name: 'unknown-write-remembered',
    rule: '4: a lot is read again when nobody knows what was written',
    file: shelves,
    find: 'shelf.stale.add(lot.lot);\n        return [lot.lot, { error }]',
    replace: 'return [lot.lot, { error }]',
  },
  {
    name: 'conflict-remembered',
    rule: '4: a lot is read again when another process was faster',
    file: shelves,
    find: 'else\n            shelf.stale.add(lot.lot);',
    replace: '',
  },
  {
    name: 'early-takes-the-last',
    rule: '4: out of its turn a line leaves enough for whoever is in turn',
    file: lots,
    find: 'lot.onHand - wanted.quantity < spare',
    replace: 'lot.onHand < wanted.quantity',
  },
  {
    name: 'lines-in-any-order',
    rule: '4: scarce lines are held in the same order by all',
    file: stock,
    find: '.sort((a, b) => (a.sku < b.sku ? -1 : 1))',
    replace: '',
  },
]

const moving: readonly Mutant[] = [
  {
    name: 'move-put-in-twice',
    rule: '4: units on the move go in once, with a receipt',
    file: moves,
    find: 'if (note && !received)',
    replace: 'if (note)',
  },
  {
    name: 'receipt-goes-first',
    rule: '4: the receipt of a move goes after its note',
    file: moves,
    find: 'else if (source && note)',
    replace: 'else if (source && note && !received)',
  },
  {
    name: 'move-reads-note-first',
    rule: '4: the lot that receives is read before the note of the move',
    file: moves,
    find: 'const target = await store.lot({ sku, lot: to });\n    const source = await store.lot({ sku, lot });',
    replace:
      'const source = await store.lot({ sku, lot });\n    const target = await store.lot({ sku, lot: to });',
    rare: true,
  },
  {
    name: 'short-while-units-move',
    rule: '4: nobody is short while units are between two lots',
    file: shelves,
    find: 'if (moving.length === 0)',
    replace: 'if (true)',
  },
]

const endings: readonly Mutant[] = [
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
    file: 'services/payment/ask-provider.js',
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

export const serviceMutants: readonly Mutant[] = [...holds, ...remembering, ...moving, ...endings]
