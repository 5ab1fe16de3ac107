import { reactingNames } from '../../services/registry.ts'
import type { Vhost } from '../support/servers.ts'

type Message = { properties: { headers?: Record<string, unknown> }; payload: string }

/** What sits in the dead-letter queue of each service, and why. It stays there. */
export const deadLettersIn = async ({ name: vhost, api }: Pick<Vhost, 'name' | 'api'>): Promise<string[]> => {
  const peek = { count: 50, ackmode: 'reject_requeue_true', encoding: 'auto' }
  const peeks = reactingNames.map(async name => {
    const path = `/api/queues/${vhost}/${name}.dlq/get`
    const messages = (await api('POST', path, peek)) as Message[]
    return messages.map(
      ({ properties, payload }) => `${name}.dlq: ${JSON.stringify(properties.headers)} ${payload}`,
    )
  })
  return (await Promise.all(peeks)).flat()
}
