import { expect } from 'chai'
import { type AuditEvidence, audit } from '../../harness/audit.ts'
import type { LedgerEntry } from '../../local/providers/ledger.ts'
import { OrderId, Sku } from '../../services/contract/ids.ts'

const orderId = OrderId.parse(`ord_${'0'.repeat(26)}`)
const sku = Sku.parse('SKU-1')
const total = 500
const lines = [{ sku, quantity: 1, unitPrice: total }]
const books = { sku, initial: 9, restocked: 0, onHand: 9, held: 0, shipped: 0 }

const entry = (kind: LedgerEntry['kind']): LedgerEntry => ({
  ...{ key: `${orderId}:${kind}`, orderId, kind, amount: total, at: 0 },
})

/** A cancelled order with these entries, and with what a decision says was given back. */
const evidence = (kinds: readonly LedgerEntry['kind'][], byHand: number): AuditEvidence => ({
  orders: [
    {
      planned: {
        ...{ kind: 'address refused', key: 'k', copies: 1 },
        body: {
          ...{ customerId: 'c', lines, payment: { token: 't' } },
          shipTo: { name: 'Ada', line1: '1', city: 'London', postalCode: 'N1', country: 'GB' },
        },
      },
      orderIds: new Set([orderId]),
      total,
      seen: {
        ...{ orderId, status: 'cancelled', total, lines, cancelRequested: false, awaiting: [], caller: 'c' },
      },
    },
  ],
  catalogue: [{ sku, unitPrice: total }],
  ledger: kinds.map(entry),
  before: [books],
  after: [books],
  strangers: { known: [], unknown: [] },
  ...{ alone: true, disturbed: false },
  givenBackByHand: new Map(byHand > 0 ? [[orderId, byHand]] : []),
})

const said = (given: AuditEvidence) => audit(given).map(({ what }) => what)

describe('the audit of a cancelled order that was charged', () => {
  it('is clean when the provider gave the money back, or a decision on record says that it was', () => {
    expect(said(evidence(['charge', 'refund'], 0))).to.deep.equal([])
    expect(said(evidence(['charge'], total))).to.deep.equal([])
  })

  it('finds money that is kept, with no decision or with one about less', () => {
    expect(said(evidence(['charge'], 0))).to.deep.equal(['is cancelled and paid 500 instead of 0'])
    expect(said(evidence(['charge'], 200))).to.deep.equal(['is cancelled and paid 300 instead of 0'])
  })

  it('[I36] finds money that was given back twice, by the provider and by a decision', () => {
    expect(said(evidence(['charge', 'refund'], total))).to.deep.equal([
      'was given 500 back by the provider, and 500 by a decision as well',
      'is cancelled and paid -500 instead of 0',
    ])
  })
})
