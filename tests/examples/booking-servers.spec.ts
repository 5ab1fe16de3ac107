import { expect } from 'chai'
import { bookTrips, outside, servicesWith } from '../../examples/booking/run.ts'
import { runSaga, type Servers } from '../../harness/run-saga.ts'
import { runPrivately } from '../../local/run-privately.ts'
import { managementApi } from '../../shared/messaging/topology/management.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { mongodb, needs, rabbitmq, redis } from '../support/servers.ts'

describe('the booking, on RabbitMQ, MongoDB and Redis', function () {
  this.timeout(60_000)
  needs(rabbitmq, mongodb, redis)

  const servers = async (): Promise<Servers> => ({
    broker: await rabbitmq(),
    mongodbUrl: await mongodb(),
    redisUrl: await redis(),
  })

  after(async () => {
    const api = managementApi(await rabbitmq())
    await api('DELETE', '/api/vhosts/booking')
    const users = (await api('GET', '/api/users')) as { name: string }[]
    const ours = users.filter(({ name }) => name.startsWith('booking.'))
    await Promise.all(ours.map(({ name }) => api('DELETE', `/api/users/${name}`)))
  })

  it('books one trip and undoes the others, under a user of each service', async () => {
    const { kept, provider } = outside(systemClock)
    const saga = await runSaga(servicesWith(provider), await servers())
    const wrong = await bookTrips(kept)(saga, () => {}).finally(() => saga.stop())
    expect(wrong).to.deep.equal([])
  })

  for (const [wrong, code] of [
    [[], 0],
    [['something is not undone'], 1],
  ] as const)
    it(`ends with ${code} when ${code === 0 ? 'nothing' : 'something'} is wrong, and says so`, async () => {
      const said: string[] = []
      const options = {
        start: async () => ({ ...(await servers()), stop: async () => {} }),
        say: said.push.bind(said),
      }
      const services = servicesWith(async () => ({ granted: true }))
      expect(await runPrivately(services, async () => wrong, options)).to.equal(code)
      expect(said.join('\n')).to.include(code === 0 ? 'All is as it should be' : 'something is not undone')
    })
})
