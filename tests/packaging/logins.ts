import { brokerUsers } from '../../rabbitmq/declared.ts'
import { shop } from '../../services/contract/shop.ts'
import { storeUserNames } from '../../services/store-users.ts'
import type { Variables } from './variables.ts'

/** What of a container says how it logs in, and whom it lets in. */
type ComposeService = { readonly command?: string | string[] | undefined; readonly environment: Variables }
type Services = Readonly<Record<string, ComposeService>>

/** What people and their tools are on every server. */
const operators = ['tools', 'topology-watch']

/** What is wrong with how a container of the file logs in, or with whom it lets in. */
export const loginFaults = (name: string, service: ComposeService, all: Services): string[] => {
  const { environment } = service
  const made = usersMadeBy(all.prepare?.environment ?? {})
  const own = operators.includes(name) ? 'operator' : name
  const expected: Variables = {
    AMQP_URL: `choreo.${own}`,
    MONGODB_URL: shop.names.databaseOf(own),
  }
  return [
    ...(name === 'prepare' ? [] : Object.entries(expected)).flatMap(([variable, user]) =>
      loginFault(variable, environment[variable], user, made),
    ),
    ...redisFaults(environment.REDIS_URL, all),
    ...(name !== 'mongodb' || environment.MONGO_INITDB_ROOT_PASSWORD ? [] : ['lets everybody in']),
    ...(name !== 'redis' || redisPasswordOf(service) ? [] : ['lets everybody in']),
  ]
}

/** The users of RabbitMQ and MongoDB with the passwords that the preparation gives them. */
const usersMadeBy = (environment: Variables): Variables => {
  const given = (names: readonly string[], user: (name: string) => string, prefix: string) =>
    names.map(name => [user(name), environment[`${prefix}${name.toUpperCase()}_PASSWORD`] ?? ''] as const)
  return Object.fromEntries([
    ...given(brokerUsers, name => `choreo.${name}`, ''),
    ...given(storeUserNames, shop.names.databaseOf, 'MONGODB_'),
  ])
}

const loginFault = (variable: string, url: string | undefined, user: string, made: Variables): string[] => {
  if (url === undefined) return []
  const { username, password } = new URL(url)
  if (username !== user) return [`${variable} logs in as ${username}, not as ${user}`]
  return password !== '' && password === made[user] ? [] : [`${variable} has another password than is made`]
}

const redisFaults = (url: string | undefined, { redis }: Services): string[] =>
  url === undefined || (redis && new URL(url).password === redisPasswordOf(redis))
    ? []
    : ['REDIS_URL has another password than Redis']

const redisPasswordOf = ({ command }: ComposeService): string | undefined =>
  /--requirepass (\S+)$/.exec(String(command))?.[1]
