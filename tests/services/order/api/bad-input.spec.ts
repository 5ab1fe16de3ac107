import { expect } from 'chai'
import { anOrder } from '../../../../harness/an-order.ts'
import { closeApis, type OpenApi, openApi } from './api-server.ts'

type Order = ReturnType<typeof anOrder>
type Case = [title: string, body: unknown, field: string, expected?: string | RegExp]

const withLine = (line: object) => ({ ...anOrder(), lines: [{ sku: 'SKU-0', quantity: 1, ...line }] })
const withQuantity = (quantity: unknown) => withLine({ quantity })
const withAddress = (change: object) => ({ ...anOrder(), shipTo: { ...anOrder().shipTo, ...change } })
const without = (field: keyof Order) =>
  Object.fromEntries(Object.entries(anOrder()).filter(([key]) => key !== field))
const lines = (count: number) => Array.from({ length: count }, (_, i) => ({ sku: `SKU-${i}`, quantity: 1 }))
// Written out, because JSON.stringify would not write it; at the end, because the last of two equal keys
// counts.
const appended = (text: string) => JSON.stringify(anOrder()).replace(/\}$/, `,${text}}`)
const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth))

const seen = 'text of which something can be seen'

const cases: Case[] = [
  ['a price', withLine({ price: 1 }), 'lines[0].price', 'no such field'],
  ['a unit price', withLine({ unitPrice: 1 }), 'lines[0].unitPrice', 'no such field'],
  ['a total', { ...anOrder(), total: 1 }, 'total', 'no such field'],
  ['a status', { ...anOrder(), status: 'confirmed' }, 'status', 'no such field'],
  ['an unknown field', { ...anOrder(), coupon: 'x' }, 'coupon', 'no such field'],
  ['an unknown field of the address', withAddress({ planet: 'x' }), 'shipTo.planet', 'no such field'],
  ['no customer', without('customerId'), 'customerId', 'text (required)'],
  ...Object.entries({
    'white space alone': ' \u00a0\u3000',
    'invisible characters alone': '\u200b\u2060\ufeff\u00ad',
    'fillers alone': '\u3164\u2800\u115f',
    'marks of direction alone': '\u200e\u202e\u2069',
  }).flatMap(([what, blank]): Case[] => [
    [`a customer of ${what}`, { ...anOrder(), customerId: blank }, 'customerId', seen],
    ...Object.keys(anOrder().shipTo).map(
      (part): Case => [`${part} of ${what}`, withAddress({ [part]: blank }), `shipTo.${part}`, seen],
    ),
  ]),
  ['a text that is longer in NFC', withAddress({ country: '\u0958'.repeat(31) }), 'shipTo.country', /NFC/],
  ['no lines', without('lines'), 'lines', 'a list (required)'],
  ['no payment', without('payment'), 'payment', 'an object (required)'],
  ['no address', without('shipTo'), 'shipTo', 'an object (required)'],
  ['an empty list of lines', { ...anOrder(), lines: [] }, 'lines', 'at least 1 entry'],
  ['more than 100 lines', { ...anOrder(), lines: lines(101) }, 'lines', 'at most 100 entries'],
  ['a SKU on two lines', { ...anOrder(), lines: [...lines(2), ...lines(1)] }, 'lines', 'one line per SKU'],
  ['a line that is no object', { ...anOrder(), lines: ['SKU-0'] }, 'lines[0]', 'an object'],
  ['a SKU with a path in it', withLine({ sku: '../x' }), 'lines[0].sku', /a SKU/],
  ['quantity 0', withQuantity(0), 'lines[0].quantity', 'at least 1'],
  ['a negative quantity', withQuantity(-1), 'lines[0].quantity', 'at least 1'],
  ['half a piece', withQuantity(0.5), 'lines[0].quantity', 'a whole number'],
  ['a huge quantity', withQuantity(1_001), 'lines[0].quantity', 'at most 1000'],
  ['a quantity beyond whole numbers', withQuantity(2 ** 60), 'lines[0].quantity'],
  ['a quantity in quotes', withQuantity('1'), 'lines[0].quantity', 'a number'],
  ['a quantity of null', withQuantity(null), 'lines[0].quantity', 'a number'],
  ['an infinite quantity', appended('"lines":[{"sku":"SKU-0","quantity":1e999}]'), 'lines[0].quantity'],
  [
    'a control character',
    { ...anOrder(), customerId: 'a\nb' },
    'customerId',
    'text without control characters',
  ],
  ['a control character in the city', withAddress({ city: 'a\u0000' }), 'shipTo.city'],
  ['half a surrogate pair', appended('"customerId":"\\ud800"'), 'customerId'],
  ['an empty name', withAddress({ name: '' }), 'shipTo.name', 'at least 1 character'],
  [
    'a customer of 101 characters',
    { ...anOrder(), customerId: 'x'.repeat(101) },
    'customerId',
    'at most 100 characters',
  ],
  [
    'a token that is none',
    { ...anOrder(), payment: { token: '4111111111111111' } },
    'payment.token',
    /a payment token/,
  ],
  [
    'a Mongo operator as token',
    { ...anOrder(), payment: { token: { $ne: null } } },
    'payment.token.$ne',
    'no such field',
  ],
  ['$where', { ...anOrder(), $where: 'sleep(1)' }, '$where', 'no such field'],
  ['a dotted key deep inside', withLine({ sku: { 'a.b': 1 } }), 'lines[0].sku.a.b', 'no such field'],
  ['a dotted key', { ...anOrder(), 'shipTo.name': 'x' }, 'shipTo.name', 'no such field'],
  ['__proto__', appended('"__proto__":{"polluted":true}'), '__proto__', 'no such field'],
  [
    '__proto__ deep inside',
    JSON.stringify(withAddress({ name: 'HERE' })).replace('"HERE"', '{"__proto__":{"polluted":1}}'),
    'shipTo.name.__proto__',
  ],
  ['constructor', appended('"constructor":{"prototype":{"polluted":true}}'), 'constructor', 'no such field'],
  [
    'constructor in a line',
    JSON.stringify(withLine({})).replace('"quantity"', '"constructor":{},"quantity"'),
    'lines[0].constructor',
  ],
  [
    '50 levels',
    { ...anOrder(), customerId: nested(50) },
    'customerId[0][0][0][0][0][0][0]',
    'at most 8 levels',
  ],
  [
    '20,000 levels',
    `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    '[0][0][0][0][0][0][0][0]',
    'at most 8 levels',
  ],
  ['a list', [anOrder()], 'body', 'an object'],
  ['null', 'null', 'body', 'an object'],
  ['a number', '1', 'body', 'an object'],
]

const shouldBeClean = () => {
  expect(({} as Record<string, unknown>).polluted).to.equal(undefined)
  expect(Object.keys(Object.prototype)).to.deep.equal([])
}

describe('the public API, given a body that is not an order', () => {
  let door: OpenApi
  const prototype = Object.getOwnPropertyNames(Object.prototype)
  before(async () => {
    door = await openApi()
  })
  after(closeApis)
  afterEach(() => {
    expect(door.desk.calls, 'calls of the desk').to.deep.equal([])
    expect(Object.getOwnPropertyNames(Object.prototype)).to.deep.equal(prototype)
    shouldBeClean()
  })

  for (const [title, body, field, expected] of cases)
    it(`refuses ${title} and names ${field}`, async () => {
      const reply = await door.send('POST', '/orders', { body })
      expect(reply.status).to.equal(400)
      expect(reply.headers.get('content-type')).to.equal('application/problem+json')
      const errors = reply.json.errors as { field: string; expected: string }[]
      const named = errors.find(error => error.field === field)
      expect(named, JSON.stringify(errors)).to.not.equal(undefined)
      if (typeof expected === 'string') expect(named?.expected).to.equal(expected)
      if (expected instanceof RegExp) expect(named?.expected).to.match(expected)
      for (const error of errors) expect(error).to.have.keys('field', 'expected')
    })

  it('answers with every member of a problem document, and the request id that the header has', async () => {
    const { json, headers } = await door.send('POST', '/orders', { body: {} })
    expect(json).to.include.keys('type', 'title', 'status', 'detail', 'code', 'help', 'instance', 'errors')
    expect(json).to.include({ status: 400, code: 'fields-invalid' })
    expect(json.instance).to.equal(`urn:choreo:request:${headers.get('x-request-id')}`)
  })

  it('repeats neither tokens nor addresses nor keys that are not words', async () => {
    const body = {
      ...anOrder(),
      payment: { token: 'tok_SECRET secret' },
      shipTo: { ...anOrder().shipTo, line1: 'SECRET\u0007', 'SECRET\r\nkey': 1 },
    }
    const { status, text } = await door.send('POST', '/orders', { body })
    expect(status).to.equal(400)
    expect(text).to.not.contain('SECRET')
    expect(text).to.contain('shipTo.line1').and.contain('payment.token').and.contain('shipTo.(unprintable)')
  })

  it('lists at most 20 errors', async () => {
    const body = { ...anOrder(), lines: lines(90).map(line => ({ ...line, quantity: 0 })) }
    const { json } = await door.send('POST', '/orders', { body })
    expect(json.errors).to.have.length(20)
  })

  it('finds no route for a query that looks like a body', async () => {
    const reply = await door.send('POST', '/orders?__proto__[polluted]=1&customerId[$ne]=1', { body: {} })
    expect(reply.status).to.equal(400)
  })
})
