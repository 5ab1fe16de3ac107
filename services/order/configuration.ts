import { z } from 'zod'
import {
  duration,
  host,
  httpUrl,
  type KeyHolder,
  keyHolders,
  keysExpected,
  port,
  variable,
  whole,
} from '../../shared/runtime/configuration/variable.ts'
import { msOf } from '../../shared/runtime/time/duration.ts'
import { healthPort, reacting } from '../../shared/runtime/variables.ts'
import { privatePortOf, type ServiceName, serviceNames } from '../registry.ts'

const publicApi = {
  CHOREO_HTTP_PORT: variable(port.default(3_000), {
    description: 'The public port: orders, catalogue, stock.',
    expected: 'a port from 0 (any free one) to 65535',
  }),
  CHOREO_HTTP_HOST: variable(host.default('127.0.0.1'), {
    description:
      'Where the public port listens. Without any key it stays on 127.0.0.1, whatever is set here.',
    expected: 'an IP address or host name of this machine, 0.0.0.0 for all',
  }),
  CHOREO_CALLER_KEYS: variable(keyHolders.default([]), {
    description:
      'Who may place orders, and sees the own ones. One name may have several keys, to change them without a gap.',
    expected: keysExpected,
    secret: true,
  }),
  CHOREO_OPERATOR_KEYS: variable(keyHolders.default([]), {
    description: 'Who sees and may cancel every order.',
    expected: keysExpected,
    secret: true,
  }),
  CHOREO_MAX_IN_FLIGHT: variable(whole(1, 100_000).default(256), {
    description:
      'How many requests are worked on at once; further ones are refused with Retry-After. With keys, one caller gets at most a quarter.',
    expected: 'a whole number from 1 to 100000',
  }),
  CHOREO_MAX_OPEN_ORDERS: variable(whole(1, 1_000_000).default(1_000), {
    description:
      'How many orders that are younger than 10 s may be open at once, over all instances; further ones are refused with Retry-After. Under overload the slowest percent of orders takes about this number divided by the orders that the system ends in a second.',
    expected: 'a whole number from 1 to 1000000',
  }),
}

/** A service whose private port the order service calls. */
type Other = Exclude<ServiceName, 'order'>

/** What another service is asked for; of those that are not named here, orders are erased. */
const asked: Partial<Readonly<Record<Other, string>>> = {
  inventory: 'stock is read and restocked, and orders are erased',
  tracking: 'lists, timelines and events of orders are read',
}

const privateUrl = (name: Other) =>
  variable(httpUrl.default(`http://127.0.0.1:${privatePortOf(name)}`), {
    description: `The private port of ${name}, where ${asked[name] ?? 'orders are erased'}.`,
    expected: 'an http:// or https:// URL without ? and #',
  })

/** The variable that says where the private port of another service is. */
export const urlVariableOf = <Name extends Other>(name: Name) =>
  `${name.toUpperCase()}_URL` as `${Uppercase<Name>}_URL`

/** The services that order calls. */
export const otherNames = serviceNames.filter((name): name is Other => name !== 'order')

const privateUrls = Object.fromEntries(otherNames.map(name => [urlVariableOf(name), privateUrl(name)])) as {
  [Name in Other as ReturnType<typeof urlVariableOf<Name>>]: ReturnType<typeof privateUrl>
}

const hasOneRolePerKey = (keys: { CHOREO_CALLER_KEYS: KeyHolder[]; CHOREO_OPERATOR_KEYS: KeyHolder[] }) => {
  const hashes = [...keys.CHOREO_CALLER_KEYS, ...keys.CHOREO_OPERATOR_KEYS].map(({ sha256 }) => sha256)
  return new Set(hashes).size === hashes.length
}

/** Order: the public API and the deadline. */
export const configuration = z
  .object({
    ...reacting,
    ...healthPort(privatePortOf('order')),
    ...publicApi,
    ...privateUrls,
    CHOREO_ORDER_DEADLINE: variable(duration.default(msOf('10m')), {
      description: 'How long an order may take before its cancellation is asked for.',
      expected: 'a duration such as 500ms, 30s, 10m or 2h, at most 168h',
    }),
  })
  .refine(hasOneRolePerKey, {
    path: ['CHOREO_OPERATOR_KEYS'],
    message: 'each key only once, over callers and operators',
  })

export type OrderConfig = z.output<typeof configuration>
