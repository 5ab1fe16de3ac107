import { shop } from '../services/contract/shop.ts'
import { hostsIn, vhostOf } from '../shared/runtime/configuration/server-urls.ts'
import type { RunEntry } from '../system/run-list.ts'

/** The parts of a system that a command line and its environment name; what is not named is undefined. */
export type Named = {
  readonly api?: string | undefined
  readonly amqp?: string | undefined
  readonly mongodb?: string | undefined
}

/**
 * What of the named belongs to another system than the one whose run list this is; undefined when all of it
 * is that one's. Parts of two systems are never looked at together: what is said of the one would be taken
 * for the other. Pure.
 * @throws SagaError `config-invalid` when the AMQP URL is none
 */
export const namedElsewhere = (
  { api, amqp, mongodb }: Named,
  run: readonly RunEntry[],
): string | undefined => {
  const places = (name: string) => run.filter(entry => entry.name === name).flatMap(placesOf)
  const isElsewhere = (name: string, named: readonly string[]) =>
    !named.some(place => places(name).includes(place))
  if (api && isElsewhere('order', hostsIn(api))) return 'the API that is named'
  if (amqp && isElsewhere('rabbitmq', brokerPlaces(amqp))) return 'AMQP_URL'
  if (mongodb && isElsewhere('mongodb', hostsIn(mongodb))) return 'MONGODB_URL'
  return undefined
}

/**
 * A broker of our own is listed with its management UI, and serves AMQP at its port; one of others with its
 * AMQP URL.
 */
const placesOf = ({ name, url, port }: RunEntry): readonly string[] => {
  if (name !== 'rabbitmq') return hostsIn(url)
  return url.startsWith('amqp') ? brokerPlaces(url) : brokerPlaces(`amqp://127.0.0.1:${port}`)
}

const brokerPlaces = (urls: string): readonly string[] =>
  hostsIn(urls).map(host => `${host}/${vhostOf(urls, shop.names.vhost)}`)
