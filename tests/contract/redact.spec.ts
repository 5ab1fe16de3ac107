import { expect } from 'chai'
import { z } from 'zod'
import { type EventType, events, shop } from '../../services/contract/shop.ts'
import { sensitive } from '../../shared/contract/event.ts'
import { redacted, sensitiveTexts } from '../../shared/contract/redact.ts'
import { anEvent } from '../support/events.ts'

const secret = sensitive(z.string(), 'erased')

describe('what may be shown of an event', () => {
  const shapes: [string, z.ZodType, unknown, unknown][] = [
    ['a marked field', z.object({ a: z.int(), b: secret }), { a: 1, b: 'x' }, { a: 1 }],
    ['a marked optional field', z.object({ b: secret.optional() }), { b: 'x' }, {}],
    ['a marked field that may be null', z.object({ b: secret.nullable() }), { b: 'x' }, {}],
    ['one of several forms that is marked', z.object({ b: z.union([z.int(), secret]) }), { b: 'x' }, {}],
    ['a list of marked texts', z.object({ b: z.array(secret) }), { b: ['x'] }, {}],
    [
      'a marked field in a list',
      z.array(z.object({ a: z.int(), b: secret })),
      [{ a: 1, b: 'x' }],
      [{ a: 1 }],
    ],
    ['a field that the schema does not know', z.object({ a: z.int() }), { a: 1, b: 'x' }, { a: 1 }],
    ['something else than the schema says', z.object({ a: z.int() }), 'x', undefined],
  ]
  for (const [what, schema, data, shown] of shapes)
    it(`has not ${what}`, () => {
      expect(redacted(schema, data)).to.deep.equal(shown)
    })

  it('leaves everything else as it is', () => {
    const schema = z.object({ a: z.int(), list: z.array(z.object({ sku: z.string() })).min(1) })
    const data = { a: 1, list: [{ sku: 'SKU-1' }] }
    expect(redacted(schema, data)).to.deep.equal(data)
  })

  it('finds every marked text, also in an address', () => {
    const placed = anEvent('order.placed')
    const schema = shop.definitionOf(placed.type)?.schema as z.ZodType
    expect([...sensitiveTexts(schema, placed.data)]).to.include.members([
      'tok_approve',
      '1 Main Street',
      'A. Buyer',
    ])
  })

  for (const { type, schema } of events)
    it(`has no token and no address of ${type}`, () => {
      const shown = JSON.stringify(redacted(schema, anEvent(type as EventType).data))
      expect(shown).to.not.match(/tok_|Main Street|Springfield|Buyer|12345/)
    })
})
