import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { anOrder } from '../../../harness/an-order.ts'
import { orderIdOf } from '../../../services/contract/ids.ts'
import { OrderRequest } from '../../../services/order/order-port.ts'
import { listParameters } from '../../../services/private-calls/order-list.ts'
import { countedOrders } from './counted-orders.ts'

const asTyped = (form: 'NFC' | 'NFD'): OrderRequest => {
  const text = 'Zo\u00eb M\u00fcller \uac00'.normalize(form)
  const shipTo = { ...anOrder().shipTo, name: text, city: text }
  return OrderRequest.parse({ ...anOrder(), customerId: text, shipTo })
}

describe('texts of an order', () => {
  it('are kept in one form, whichever they were typed in', async () => {
    const { desk, load } = countedOrders(10).instance()
    const placed = await desk.place('local', asTyped('NFD'), 'key-1')
    const document = await load(placed.kind === 'placed' ? placed.orderId : orderIdOf('none'))
    const kept = JSON.stringify(document?.events)
    expect(kept).to.include(asTyped('NFC').customerId)
    expect(kept, 'nothing is left as it came').to.equal(kept.normalize('NFC'))
  })

  it('make one wish, in whichever form it is sent again', async () => {
    const { desk } = countedOrders(10).instance()
    const placed = await desk.place('local', asTyped('NFC'), 'key-1')
    expect(await desk.place('local', asTyped('NFD'), 'key-1')).to.deep.equal(placed)
    const other = { ...asTyped('NFC'), customerId: 'Zoe' }
    expect((await desk.place('local', other, 'key-1')).kind).to.equal('key-reused')
  })

  it('that are on record as they came are still the same wish', async () => {
    const { desk, record } = countedOrders(10).instance()
    const asItCame = asTyped('NFD')
    const digest = createHash('sha256').update(JSON.stringify(asItCame)).digest('hex')
    const orderId = await record('local', 'key-1', digest)
    expect(await desk.place('local', asItCame, 'key-1')).to.deep.include({ kind: 'placed', orderId })
    expect((await desk.place('local', asTyped('NFC'), 'key-1')).kind).to.equal('key-reused')
  })

  it('that have but one form are on record under the digest of before', async () => {
    const { desk, load } = countedOrders(10).instance()
    const request = OrderRequest.parse(anOrder())
    const placed = await desk.place('local', request, 'key-1')
    const document = await load(placed.kind === 'placed' ? placed.orderId : orderIdOf('none'))
    const digest = createHash('sha256').update(JSON.stringify(request)).digest('hex')
    expect(document?.state).to.have.property('fingerprint', digest)
  })

  it('are searched in that form', () => {
    const [customer] = listParameters.customer
    expect(customer.parse(asTyped('NFD').customerId)).to.equal(asTyped('NFC').customerId)
  })
})
