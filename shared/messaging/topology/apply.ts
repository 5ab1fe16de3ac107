import { SagaError } from '../../runtime/errors.ts'
import { tooOld } from '../../runtime/server-version.ts'
import type { Definitions } from './definitions.ts'
import type { ManagementCall } from './management.ts'
import { leastRabbitMq } from './names.ts'

/**
 * Makes the broker what the definitions say, through its management API; what is there already stays, so it
 * can be repeated. Existing queues keep their arguments and contents, and nothing is removed. Resolves when
 * everything is declared.
 * @throws SagaError `broker-unavailable`, `broker-refused`; `server-unsupported` when the broker is too old
 * for them
 */
export const applyDefinitions = async (api: ManagementCall, definitions: Definitions): Promise<void> => {
  const overview = (await api('GET', '/api/overview')) as { rabbitmq_version?: unknown } | undefined
  const old = tooOld('RabbitMQ', overview?.rabbitmq_version, leastRabbitMq)
  if (old !== undefined) throw new SagaError('server-unsupported', old)
  await api('POST', '/api/definitions', definitions)
}
