import type { Mutant } from './mutant.ts'

const stock = 'services/inventory/stock/holds.js'
const lots = 'services/inventory/stock/lot-rules.js'
const moves = 'services/inventory/stock/moves.js'
const shelves = 'services/inventory/stock/lot-writer.js'
const stockSweep = 'services/inventory/stock/sweep.js'

const holds: readonly Mutant[] = [
  {
    name: 'token-not-raised-first',
    rule: '4: the first attempt puts a new token on record',
    file: 'shared/saga/process/handle.js',
    find: "record === 'every-attempt' ? { token: document.token + 1 } : {}",
    replace: '{}',
    tolerated: 'counting from zero is as good; what matters is that every later attempt has a larger one',
  },
  {
    name: 'token-not-raised-again',
    rule: '4: every attempt puts a new token on record',
    file: 'shared/saga/process/intent.js',
    find: 'await commit(context, document, { token: document.token + 1 });',
    replace: 'await commit(context, document, { token: document.token });',
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
    find: 'await release(lotWriter, { orderId, lines, token });',
    replace: '',
  },
  {
    name: 'release-any-token',
    rare: true,
    rule: '4: only holds up to the own token are released',
    file: lots,
    find: 'token => token <= held.token',
    replace: '() => true',
  },
  {
    name: 'consume-any-token',
    rare: true,
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
    rare: true,
    rule: '4: the sweep reads the hold, then the document',
    file: stockSweep,
    find: 'if (holder?.open && holder.token === token)\n        return false;\n    await lotWriter.change(sku, orderId, releaseExactHold(token));',
    replace:
      'const judged = held => !holder?.open || holder.token !== held;\n    await lotWriter.change(sku, orderId, ({ own, depth }) => depth === "remembered" ? { look: "holds" } : { changed: own.flatMap(({ lot, own }) => own && judged(own.token) ? [{ lot, own: undefined }] : []) });',
  },
  {
    name: 'sweep-any-token',
    rare: true,
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
    rare: true,
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
    rare: true,
    rule: '4: a lot is read again when nobody knows what was written',
    file: shelves,
    find: 'cache.stale.add(lot.lot);\n        return { error }',
    replace: 'return { error }',
  },
  {
    name: 'conflict-remembered',
    rule: '4: a lot is read again when another process was faster',
    file: shelves,
    find: 'else\n            cache.stale.add(lot.lot);',
    replace: '',
  },
  {
    name: 'early-takes-the-last',
    rare: true,
    rule: '4: out of its turn a line leaves enough for whoever is in turn',
    file: lots,
    find: 'lot.onHand - wanted.quantity < spare',
    replace: 'lot.onHand < wanted.quantity',
  },
  {
    name: 'lines-in-any-order',
    rare: true,
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
    rare: true,
    rule: '4: nobody is short while units are between two lots',
    file: shelves,
    find: 'if (moving.length === 0)',
    replace: 'if (true)',
  },
]

export const stockMutants: readonly Mutant[] = [...holds, ...remembering, ...moving]
