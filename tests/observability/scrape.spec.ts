import { expect } from 'chai'
import { freePort } from '../../local/bring-up/ports.ts'
import { serviceMetrics } from '../../reference/metrics.ts'
import { start } from '../../services/payment/main.ts'
import type { StopStep } from '../../shared/runtime/lifecycle/drain.ts'
import { until } from '../messaging/messages.ts'
import { type RabbitMqSubject, rabbitMqSubject } from '../messaging/subjects.ts'
import { mongodb, needs, rabbitmq, redis } from '../support/servers.ts'
import { figuresIn } from './figures.ts'

describe('a scrape of the private port', () => {
  needs(rabbitmq, redis, mongodb)
  let subject: RabbitMqSubject
  let steps: readonly StopStep[]
  let port: number
  before(async () => {
    subject = await rabbitMqSubject()
    port = await freePort()
    steps = await start({
      AMQP_URL: subject.urlOf('payment'),
      MONGODB_URL: await mongodb(),
      REDIS_URL: await redis(),
      PAYMENT_PROVIDER_URL: 'http://127.0.0.1:9',
      CHOREO_HEALTH_PORT: String(port),
      CHOREO_LOG_LEVEL: 'error',
    })
  })
  after(async () => {
    for (const step of steps ?? []) await step.run()
    await subject?.stop()
  })

  const scrape = () => fetch(`http://127.0.0.1:${port}/metrics`)
  const figures = async () => figuresIn(await (await scrape()).text())

  it('is in the text format, with the figures of the service and of its process', async () => {
    const answer = await scrape()
    expect([answer.status, answer.headers.get('content-type')]).to.deep.equal([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ])
    expect([...(await figures()).keys()]).to.include.members([
      'choreo_publisher_connected',
      'process_resident_memory_bytes',
      'choreo_redis_circuit_open{operation="reads"}',
    ])
  })

  it('has every figure that the reference lists, and no other of ours', async () => {
    const text = await (await scrape()).text()
    const told = [...text.matchAll(/^# TYPE ((?:choreo|messaging)_\w+) (\w+)$/gm)].map(([, name, type]) => ({
      name,
      type,
    }))
    expect(told).to.have.deep.members(serviceMetrics().map(({ name, type }) => ({ name, type })))
  })

  it('says whether the service can hear and speak now', async () => {
    const consuming = async () => (await figures()).get('choreo_consuming')
    await until('it consumes', async () => (await consuming()) === 1)
    expect((await figures()).get('choreo_publisher_blocked')).to.equal(0)
    expect((await figures()).get('choreo_consuming_paused')).to.equal(0)
    await subject.api('DELETE', `/api/queues/${subject.vhost}/payment.inbox`)
    await until('it consumes no more', async () => (await consuming()) === 0)
  })
})
