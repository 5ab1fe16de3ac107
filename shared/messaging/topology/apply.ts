import { hasCode, SagaError } from '../../runtime/errors.ts'
import { tooOld } from '../../runtime/server-version.ts'
import type { Definitions } from './definitions.ts'
import type { ManagementCall } from './management.ts'
import { leastRabbitMq } from './names.ts'
import { raisedAbove } from './policies.ts'

/**
 * Makes the broker what the definitions say, through its management API; what is there already stays, so it
 * can be repeated. Existing queues keep their arguments and contents, and nothing is removed. Policies get a
 * priority above those of others that stand in their way. Resolves when everything is declared.
 * @throws SagaError `broker-unavailable`, `broker-refused`; `server-unsupported` when the broker is too old
 * for them
 */
export const applyDefinitions = async (api: ManagementCall, definitions: Definitions): Promise<void> => {
  const overview = (await api('GET', '/api/overview')) as { rabbitmq_version?: unknown } | undefined
  const old = tooOld('RabbitMQ', overview?.rabbitmq_version, leastRabbitMq)
  if (old !== undefined) throw new SagaError('server-unsupported', old)
  const { policies = [] } = definitions
  const vhosts = [...new Set(policies.map(({ vhost }) => `${vhost}`))]
  const there = (await Promise.all(vhosts.map(vhost => policiesIn(api, vhost)))).flat()
  const raised = policies.flatMap(policy =>
    raisedAbove(
      [policy],
      there.filter(({ vhost }) => vhost === policy.vhost),
    ),
  )
  await api('POST', '/api/definitions', { ...definitions, ...(policies.length > 0 && { policies: raised }) })
}

/** None in a vhost that is not there yet. */
const policiesIn = async (api: ManagementCall, vhost: string): Promise<Definitions[string]> => {
  try {
    return (await api('GET', `/api/policies/${encodeURIComponent(vhost)}`)) as Definitions[string]
  } catch (error) {
    if (hasCode(error, 'broker-refused')) return []
    throw error
  }
}
