import { makeReady } from '../../rabbitmq/declared.ts'
import type { BrokerConnection } from './connections.ts'
import type { Secrets } from './secrets.ts'

/**
 * Makes a broker ready for the services; one that nobody may manage is left as it is.
 * @throws SagaError `broker-unavailable`, `broker-refused`
 */
export const makeBrokerReady = async (broker: BrokerConnection, passwords: Secrets): Promise<void> => {
  if (broker.admin) await makeReady(broker.admin, broker, passwords)
}
