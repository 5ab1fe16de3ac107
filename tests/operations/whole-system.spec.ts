import { expect } from 'chai'
import type { OrderId } from '../../services/contract/ids.ts'
import { shop } from '../../services/contract/shop.ts'
import { reactingServices } from '../../services/reacting-services.ts'
import { reactingNames } from '../../services/registry.ts'
import { why } from '../../shared/operations/explain/gather.ts'
import { readinessAt } from '../../shared/operations/explain/readiness.ts'
import { openOperations } from '../../shared/operations/open.ts'
import { sharedSystem, type WholeSystem } from '../faults/whole-system.ts'
import { until } from '../messaging/messages.ts'
import { mongodb, needs, rabbitmq, redis } from '../support/servers.ts'

const request = {
  customerId: 'ada',
  lines: [{ sku: 'SKU-1', quantity: 1 }],
  payment: { token: 'tok_approve' },
  shipTo: { name: 'Ada', line1: '1 High Street', city: 'London', postalCode: 'N1 9GU', country: 'GB' },
}

describe('a whole system and its operator', function () {
  this.timeout(120_000)
  needs(rabbitmq, redis, mongodb)
  let whole: WholeSystem
  before(async () => {
    whole = await sharedSystem()
  })

  const urlOf = (name: string) => whole.system.run().find(one => one.name === name)?.url ?? ''
  const place = async (): Promise<OrderId> => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${whole.system.url}/orders`, {
      ...{ method: 'POST', headers, body: JSON.stringify(request) },
    })
    return ((await answer.json()) as { orderId: OrderId }).orderId
  }
  const statusOf = async (order: OrderId) =>
    ((await (await fetch(`${whole.system.url}/orders/${order}`)).json()) as { status: string }).status

  it('runs the topology watch as one of its programs', async () => {
    expect(whole.system.run().find(({ name }) => name === 'topology-watch')).to.include({ kind: 'service' })
    const answer = await fetch(`${urlOf('topology-watch')}/readyz`)
    expect(answer.status).to.equal(200)
    expect(await (await fetch(`${urlOf('topology-watch')}/metrics`)).text()).to.match(
      /^choreo_topology_missing 0$/m,
    )
  })

  it('serves orders again after an inbox was deleted, without anybody', async () => {
    await whole.vhost.api('DELETE', `/api/queues/${whole.vhost.name}/shipping.inbox`)
    await until(
      'the watch has repaired it',
      async () => {
        const figures = await (await fetch(`${urlOf('topology-watch')}/metrics`)).text()
        return Number(/^choreo_topology_repairs_total (\d+)$/m.exec(figures)?.[1]) > 1
      },
      30_000,
    )
    const order = await place()
    await until('it is confirmed', async () => (await statusOf(order)) === 'confirmed', 30_000)
  })

  it('confirms orders whose events found no way, long before their deadline', async () => {
    const binding = 'e/saga.events/e/saga.inboxes/inventory.reserved'
    const figures = async () => (await fetch(`${urlOf('topology-watch')}/metrics`)).text()
    const placed: OrderId[] = []
    // The watch may repair it before the event comes that needs it.
    await until(
      'some were sent again',
      async () => {
        await whole.vhost.api('DELETE', `/api/bindings/${whole.vhost.name}/${binding}`).catch(() => {})
        placed.push(await place())
        return Number(/^choreo_journal_resent_total (\d+)$/m.exec(await figures())?.[1] ?? 0) > 0
      },
      60_000,
    )
    for (const order of placed)
      await until('it is confirmed', async () => (await statusOf(order)) === 'confirmed', 60_000)
  })

  it('says of an order that has ended that nothing is wrong', async () => {
    const order = await place()
    await until('it is confirmed', async () => (await statusOf(order)) === 'confirmed', 30_000)
    const { amqpUrl, name: vhost, api } = whole.vhost
    const world = openOperations({
      saga: shop,
      amqpUrl,
      mongodbUrl: whole.mongodbUrl,
      services: reactingServices,
    })
    // The order service is listed with its public port.
    const asked = reactingNames.filter(name => name !== 'order')
    const urls = Object.fromEntries(asked.map(name => [name, urlOf(name)]))
    const sources = { broker: { api, vhost }, readiness: readinessAt(urls) }
    try {
      await until('it is settled', async () => (await why(world, sources, order)).status === 'settled')
      expect(await why(world, sources, order)).to.deep.include({
        ended: 'order.confirmed',
        causes: [],
        blind: [],
      })
    } finally {
      await world.close()
    }
  })
})
