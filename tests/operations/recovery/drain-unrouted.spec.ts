import { expect } from 'chai'
import { shop } from '../../../services/contract/shop.ts'
import type { ManagementCall } from '../../../shared/messaging/topology/management.ts'
import { drainUnrouted } from '../../../shared/operations/recovery/drain-unrouted.ts'
import { SagaError } from '../../../shared/runtime/errors.ts'
import { systemClock } from '../../../shared/runtime/time/clock.ts'
import { until } from '../../messaging/messages.ts'
import { newOrder } from '../world.ts'
import { brokenTopologyPerTest, never, ofInbox, reserved, slow } from './broken-topology.ts'

describe('what lies in saga.unrouted', function () {
  this.timeout(180_000)
  const broken = brokenTopologyPerTest()
  const { areCaptured, drained, lie, publish, remove, startPayment } = broken

  it('sends what lies in saga.unrouted also when somebody else declared the binding again', async () => {
    const watch = broken.watch()
    const world = broken.world()
    startPayment()
    await remove(ofInbox)
    const orders = await publish(3)
    await lie('saga.unrouted', 3)
    await world.api('POST', `/api/${ofInbox.replace('VHOST', world.vhost).replace(/.[^/]*$/, '')}`, {
      routing_key: 'inventory.reserved',
    })
    await until(
      'they are sent',
      async () => {
        await watch.look()
        return drained() === 3
      },
      slow,
    )
    await areCaptured(orders)
    await lie('saga.unrouted', 0)
  })

  it('sends what lies in saga.unrouted also when nobody can tell how much that is', async () => {
    const world = broken.world()
    // As the management API answers without statistics.
    const api: ManagementCall = async (method, path, body) => {
      const answer = await world.api(method, path, body)
      if (!path.startsWith('/api/queues/')) return answer
      return (answer as object[]).map(row => ({ ...row, messages_ready: undefined, consumers: undefined }))
    }
    const uncounted = async () => Promise.reject(new SagaError('broker-unavailable', 'x'))
    // Nothing is missing, so that nothing else is a reason to send.
    for (let i = 0; i < 3; i++) await world.publish({ ...reserved(newOrder()), exchange: 'saga.unrouted' })
    await lie('saga.unrouted', 3)
    await broken.watchOf({ api, counts: uncounted }).look()
    expect(drained()).to.equal(3)
    await lie('saga.unrouted', 0)
  })

  it('leaves what nobody hears in saga.unrouted, under its alarm', async () => {
    const watch = broken.watch()
    const world = broken.world()
    await world.publish({ ...reserved(newOrder()), exchange: 'saga.inboxes', key: 'x' })
    await until(
      'the alarm',
      async () => {
        await watch.look()
        return watch.alarms.some(({ name }) => name === 'messages that no inbox takes')
      },
      slow,
    )
    expect((await world.peek('saga.unrouted')).map(({ key }) => key)).to.deep.equal(['x'])
    expect(drained()).to.equal(0)
  })

  it('comes to each message of saga.unrouted once, also when all of them come back', async () => {
    const world = broken.world()
    await remove(ofInbox)
    await publish(3)
    await lie('saga.unrouted', 3)
    const { browseQueue, publisher } = world.operations
    const sender = { publisher: publisher(), browseQueue, clock: systemClock, signal: never }
    expect(await drainUnrouted(shop.names, sender, new Set(['inventory.reserved']))).to.equal(3)
    await lie('saga.unrouted', 3)
  })
})
