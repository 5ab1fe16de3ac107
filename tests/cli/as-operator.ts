import type { System } from '../../local/system/system.ts'
import { amqpBroker } from '../../shared/messaging/amqp/broker.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'

/** Puts a message with this body into the inbox of payment, as the operator of the system may. */
export const publishToPayment = async (system: System, body: string, messageId: string): Promise<void> => {
  const { port } = new URL(system.connections.broker.amqpUrl)
  const url = `amqp://operator:${system.secrets.operator}@127.0.0.1:${port}/choreo`
  const ports = { clock: systemClock, random: systemRandom, log: silentLog }
  const publisher = amqpBroker({ url, name: 'operator', ...ports }).publisher()
  const about = { exchange: '', key: 'payment.inbox', type: 'inventory.reserved', headers: {} }
  await publisher.publish({
    ...about,
    ...{ messageId, body: Buffer.from(body), contentType: 'application/cloudevents+json' },
  })
  await publisher.close(1_000)
}
