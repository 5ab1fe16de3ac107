import { makeReady } from '../../rabbitmq/declared.ts'
import { connectOnce } from '../../shared/messaging/amqp/connection.ts'
import { hasCode } from '../../shared/runtime/errors.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { amqpUrlFor, type BrokerConnection } from './connections.ts'
import type { Secrets } from './secrets.ts'

/**
 * Makes a broker ready for the services, and enters its vhost once to see that they will be let in; one that
 * nobody may manage is only entered. Over AMQP it may still be away: the services wait for it.
 * @throws SagaError `broker-unavailable`, `broker-refused`
 */
export const makeBrokerReady = async (broker: BrokerConnection, passwords: Secrets): Promise<void> => {
  if (broker.admin) await makeReady(broker.admin, broker, passwords)
  const url = amqpUrlFor(broker, 'operator', passwords.operator ?? '')
  try {
    await (await connectOnce({ url, name: 'npm start', clock: systemClock, log: silentLog })).close()
  } catch (error) {
    if (!hasCode(error, 'broker-unavailable')) throw error
  }
}
