import { expect } from 'chai'
import { Sku } from '../../../../services/contract/ids.ts'
import type { OperatorPort } from '../../../../services/order/operator-use-cases.ts'
import type { ResolutionRequest } from '../../../../services/private-calls/resolution.ts'
import type { RestockCommand } from '../../../../services/private-calls/stock.ts'
import { closeApis, keyOf, type OpenApi, openApi } from './api-server.ts'

const [ada, olga, otto] = [keyOf('ada'), keyOf('olga'), keyOf('otto')]
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const stock = { sku: Sku.parse('SKU-1'), initial: 10, restocked: 5, onHand: 13, held: 2, shipped: 0 }
const someOrder = `ord_${'0'.repeat(26)}`

/** A desk that says what it is told to, and remembers what it was asked. */
const recordingDesk = () => {
  const wishes: RestockCommand[] = []
  const erased: string[] = []
  const resolved: ResolutionRequest[] = []
  const says: {
    restock: Awaited<ReturnType<OperatorPort['restock']>>
    erase: Awaited<ReturnType<OperatorPort['erase']>>
    resolve: Awaited<ReturnType<OperatorPort['resolve']>>
  } = { restock: { outcome: 'added', stock }, erase: 'erased', resolve: 'resolved' }
  const desk: OperatorPort = {
    restock: async (_, wish) => {
      wishes.push(wish)
      return says.restock
    },
    erase: async orderId => {
      erased.push(orderId)
      return says.erase
    },
    resolve: async (_, wish) => {
      resolved.push(wish)
      return says.resolve
    },
  }
  return { desk, wishes, erased, resolved, says }
}

describe('the public API, for operators', () => {
  let door: OpenApi
  let recording: ReturnType<typeof recordingDesk>

  beforeEach(async () => {
    recording = recordingDesk()
    door = await openApi({
      operator: recording.desk,
      config: { CHOREO_CALLER_KEYS: [ada.holder], CHOREO_OPERATOR_KEYS: [olga.holder, otto.holder] },
    })
  })
  afterEach(closeApis)

  const post = (path: string, key: string, body?: unknown, headers: Record<string, string> = {}) =>
    door.send('POST', path, { body, headers: { ...bearer(key), ...headers } })
  const restock = (body: unknown = { units: 5 }, headers: Record<string, string> = {}, key = olga.key) =>
    post('/stock/SKU-1/restock', key, body, headers)

  for (const path of ['/stock/SKU-1/restock', `/orders/${someOrder}/erase`, `/orders/${someOrder}/resolve`])
    it(`refuses a caller without asking anybody: ${path}`, async () => {
      const { status, json, headers } = await post(path, ada.key, { units: 5 })
      expect([status, json.code]).to.deep.equal([403, 'operator-only'])
      expect(headers.get('content-type')).to.equal('application/problem+json')
      expect([...recording.wishes, ...recording.erased, ...recording.resolved]).to.deep.equal([])
    })

  it('answers a restock with the stock totals as they are then', async () => {
    const { status, json } = await restock()
    expect([status, json]).to.deep.equal([200, stock])
    expect(recording.wishes[0]?.units).to.equal(5)
  })

  it('makes one wish of what comes under the same key, for each operator, and of each that comes without', async () => {
    const key = { 'idempotency-key': 'monday' }
    for (const [headers, who] of [
      [key, olga.key],
      [key, olga.key],
      [key, otto.key],
      [{ 'idempotency-key': 'tuesday' }, olga.key],
      [{}, olga.key],
      [{}, olga.key],
    ] as const)
      await restock({ units: 5 }, headers, who)
    const ids = recording.wishes.map(({ id }) => id)
    expect(ids[1]).to.equal(ids[0])
    expect(new Set(ids).size).to.equal(5)
    for (const id of ids) expect(id).to.match(/^rst_[0-9a-v]{26}$/)
  })

  for (const [title, body, field] of [
    ['no units', {}, 'units'],
    ['nothing', { units: 0 }, 'units'],
    ['less than nothing', { units: -1 }, 'units'],
    ['half a unit', { units: 1.5 }, 'units'],
    ['too many', { units: 1_000_001 }, 'units'],
    ['a price', { units: 1, price: 3 }, 'price'],
  ] as const)
    it(`names what is wrong with a restock of ${title}`, async () => {
      const { status, json } = await restock(body)
      expect(status).to.equal(400)
      expect((json.errors as { field: string }[]).map(error => error.field)).to.deep.equal([field])
      expect(recording.wishes).to.deep.equal([])
    })

  it('refuses a key that no header may have', async () => {
    expect(await restock({ units: 1 }, { 'idempotency-key': 'a b' })).to.deep.include({ status: 400 })
    expect(recording.wishes).to.deep.equal([])
  })

  for (const [outcome, status, code] of [
    ['unknown-sku', 404, 'sku-unknown'],
    ['key-reused', 422, 'key-reused'],
    ['unavailable', 503, 'restock-unknown'],
  ] as const)
    it(`says when the restock is ${outcome}`, async () => {
      recording.says.restock = { outcome }
      const answer = await restock()
      expect([answer.status, answer.json.code]).to.deep.equal([status, code])
      expect(answer.headers.has('retry-after')).to.equal(status === 503)
    })

  for (const [outcome, status, code] of [
    ['erased', 200, undefined],
    ['open', 409, 'order-open'],
    ['unknown', 404, 'order-unknown'],
    ['unavailable', 503, 'erasure-incomplete'],
  ] as const)
    it(`says when the order to erase is ${outcome}`, async () => {
      recording.says.erase = outcome
      const { status: answered, json } = await post(`/orders/${someOrder}/erase`, olga.key)
      expect([answered, json.code]).to.deep.equal([status, code])
      expect(recording.erased).to.deep.equal([someOrder])
    })

  const decision: ResolutionRequest = {
    ...{ service: 'payment', answer: 'refunded', by: 'Olga', why: 'the card is closed' },
    outside: 'bank transfer 17',
  }
  for (const [outcome, status, code] of [
    ['resolved', 200, undefined],
    ['otherwise', 409, 'resolved-otherwise'],
    ['no-call', 409, 'call-not-open'],
    ['not-stuck', 409, 'call-not-stuck'],
    ['not-by-hand', 422, 'answer-not-allowed'],
    ['unknown', 404, 'order-unknown'],
    ['unavailable', 503, 'resolution-unknown'],
  ] as const)
    it(`says when the decision on a call is ${outcome}`, async () => {
      recording.says.resolve = outcome
      const { status: answered, json } = await post(`/orders/${someOrder}/resolve`, olga.key, decision)
      expect([answered, json.code]).to.deep.equal([status, code])
      expect(recording.resolved).to.deep.equal([decision])
    })

  it('takes no decision that nobody could read or account for', async () => {
    for (const wrong of [
      { service: 'order' },
      { by: ' ' },
      { why: 'one\u0007two' },
      { outside: undefined },
    ]) {
      const body = { ...decision, ...wrong }
      const { status, json } = await post(`/orders/${someOrder}/resolve`, olga.key, body)
      expect([status, json.code], JSON.stringify(wrong)).to.deep.equal([400, 'fields-invalid'])
    }
    expect(recording.resolved).to.deep.equal([])
  })

  it('looks for no order under what is no order id', async () => {
    expect((await post('/orders/nonsense/erase', olga.key)).status).to.equal(404)
    expect(recording.erased).to.deep.equal([])
  })
})
