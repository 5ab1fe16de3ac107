import { expect } from 'chai'
import { managementApi } from '../../shared/messaging/topology/management.ts'
import { until } from '../messaging/messages.ts'
import { needs, rabbitmq, redis } from '../support/servers.ts'
import { type BreakableSystem, startBreakableSystem } from './breakable-system.ts'
import { deadLettersIn } from './documents.ts'

// Longer than a publish waits for its turn (10 s), so that work is given up and taken up again.
const alarmMs = 15_000
const spacingMs = 250
const shipTo = { name: 'Ada', line1: '1 High Street', city: 'London', postalCode: 'N1 9GU', country: 'GB' }
const order = (token: string) => ({
  ...{ customerId: 'ada', lines: [{ sku: 'SKU-1', quantity: 1 }], payment: { token }, shipTo },
})

describe('a broker that is short of memory', function () {
  this.timeout(180_000)
  needs(rabbitmq, redis)
  let whole: BreakableSystem
  before(async () => {
    whole = await startBreakableSystem()
  })
  after(async () => {
    await whole?.stop()
  })

  const place = async (token: string): Promise<string> => {
    const answer = await fetch(`${whole.system.url}/orders`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify(order(token)),
    })
    expect(answer.status).to.equal(202)
    return ((await answer.json()) as { orderId: string }).orderId
  }
  const statusOf = async (orderId: string): Promise<string> => {
    const answer = await fetch(`${whole.system.url}/orders/${orderId}`)
    return ((await answer.json()) as { status: string }).status
  }
  const areConfirmed = async (orders: readonly string[], ms: number) => {
    for (const id of orders)
      await until(`${id} is confirmed`, async () => (await statusOf(id)) === 'confirmed', ms)
  }
  const stillPlaced = async (orders: readonly string[]): Promise<string[]> => {
    const statuses = await Promise.all(orders.map(statusOf))
    return orders.filter((_, i) => statuses[i] === 'placed')
  }
  /**
   * Raises the alarm, and places slow orders until it is raised: on a busy machine that takes longer than a slow
   * charge, and what is said before the alarm blocks nobody.
   */
  const placeUntilAlarm = async (): Promise<string[]> => {
    const started = Date.now()
    const orders = [await place('tok_slow')]
    let isRaised = false
    const raising = whole.rabbitmqctl('set_vm_memory_high_watermark', 'absolute', '1MB').then(() => {
      isRaised = true
    })
    const placeAnother = async () => {
      if (Date.now() >= started + orders.length * spacingMs) orders.push(await place('tok_slow'))
      return isRaised
    }
    await Promise.all([raising, until('the alarm is raised', placeAnother, 60_000)])
    return orders
  }
  const payment = () => whole.system.run().find(({ name }) => name === 'payment')?.url
  const readiness = async () => {
    const answer = await fetch(`${payment()}/readyz`)
    return `${answer.status} ${answer.ok ? '' : await answer.text()}`
  }

  it('[I23] holds publishers back: readiness says so, orders are accepted, and all of them end when it is over', async () => {
    const pids = whole.system.run().map(({ pid }) => pid)
    await areConfirmed([await place('tok_approve')], 20_000)
    const slow = await placeUntilAlarm()
    const meanwhile = await Promise.all([1, 2, 3].map(() => place('tok_approve')))
    await until('the slow charges are told to nobody', () =>
      /broker blocks publishers/.test(whole.logOf('payment')),
    )
    const begun = await stillPlaced(slow)
    expect(begun).to.not.have.lengthOf(0)
    expect(whole.logOf('order')).to.match(/broker blocks publishers/)
    await until('payment is not ready', async () => /^503.*broker/s.test(await readiness()))
    expect(whole.logOf('payment'), 'not ready before anything is given up').to.not.match(/consuming pauses/)
    // The length of the alarm is what is given, not something to wait for.
    await new Promise(resolve => setTimeout(resolve, alarmMs))
    expect(whole.logOf('payment'), 'nothing is begun that could not be told').to.not.match(
      /consuming goes on/,
    )
    const late = await place('tok_approve')
    for (const id of [...begun, ...meanwhile, late]) expect(await statusOf(id)).to.equal('placed')

    await whole.rabbitmqctl('set_vm_memory_high_watermark', '0.4')
    await areConfirmed([...begun, ...meanwhile, late], 60_000)
    await until('payment is ready again', async () => (await readiness()).startsWith('200'), 20_000)
    expect(whole.logOf('payment')).to.match(/broker takes publishes again/)
    expect(whole.system.run().map(({ pid }) => pid)).to.deep.equal(pids)
    expect(await deadLettersIn({ name: 'choreo', api: managementApi(whole.broker) })).to.deep.equal([])
  })
})
