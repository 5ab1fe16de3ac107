import { managementApi } from '../../shared/messaging/topology/management.ts'
import { rabbitmq } from '../support/servers.ts'

/** The version of this run's broker; `atLeast(4, 3)` is true from 4.3 on. */
export type BrokerVersion = { readonly text: string; atLeast(major: number, minor: number): boolean }

export const brokerVersion = async (): Promise<BrokerVersion> => {
  const overview = (await managementApi(await rabbitmq())('GET', '/api/overview')) as {
    rabbitmq_version: string
  }
  const text = overview.rabbitmq_version
  const [major = 0, minor = 0] = text.split('.').map(Number)
  return { text, atLeast: (wanted, and) => major > wanted || (major === wanted && minor >= and) }
}
