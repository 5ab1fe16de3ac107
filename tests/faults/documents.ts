import { MongoClient } from 'mongodb'
import { serviceNames } from '../../local/service-environment.ts'
import type { Vhost } from '../servers.ts'

/** What each service has on record about an order, one line a service. */
export const documentsOf = async (mongodbUrl: string, orderId: string): Promise<string> => {
  const client = new MongoClient(mongodbUrl)
  try {
    const records = serviceNames.map(name =>
      client.db(`choreo_${name}`).collection<{ _id: string }>('orders').findOne({ _id: orderId }),
    )
    const found = await Promise.all(records)
    return serviceNames.map((name, i) => `  ${name}: ${JSON.stringify(found[i])}`).join('\n')
  } finally {
    await client.close()
  }
}

type Message = { properties: { headers?: Record<string, unknown> }; payload: string }

/** What sits in the dead-letter queue of each service, and why. It stays there. */
export const deadLettersIn = async ({ name: vhost, api }: Vhost): Promise<string[]> => {
  const peek = { count: 50, ackmode: 'reject_requeue_true', encoding: 'auto' }
  const peeks = serviceNames.map(async name => {
    const path = `/api/queues/${vhost}/${name}.dlq/get`
    const messages = (await api('POST', path, peek)) as Message[]
    return messages.map(
      ({ properties, payload }) => `${name}.dlq: ${JSON.stringify(properties.headers)} ${payload}`,
    )
  })
  return (await Promise.all(peeks)).flat()
}
