import { createHash } from 'node:crypto'
import type { Random } from '../../runtime/random.ts'
import { oneOf, type Topology, type User } from './topology.ts'

/** A RabbitMQ definitions file, for RabbitMQ 3.10 and 4. */
export type Definitions = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>

export type RenderOptions = {
  /** That of the topology unless set. */
  readonly vhost?: string
  /** Before the name of every user, for vhosts side by side on one broker: users belong to all of it. */
  readonly userPrefix?: string
  /** By user name without prefix. A user without one cannot log in with any password. */
  readonly secrets?: { readonly passwords: Readonly<Record<string, string>>; readonly random: Random }
}

/**
 * The topology as definitions; without secrets the result is the same for the same topology, so that it can
 * be committed.
 */
export const renderDefinitions = (topology: Topology, options: RenderOptions = {}): Definitions => {
  const { vhost = topology.vhost } = options
  return {
    vhosts: [{ name: vhost }],
    ...renderUsers(topology.users, vhost, options),
    policies: topology.policies.map(({ queue, definition }) => ({
      ...{ vhost, name: queue, pattern: oneOf([queue]), 'apply-to': 'queues', priority: 0, definition },
    })),
    exchanges: topology.exchanges.map(({ name, type, arguments: args }) => ({
      ...{ vhost, name, type, durable: true, auto_delete: false, internal: false, arguments: args },
    })),
    queues: topology.queues.map(({ name, arguments: args }) => ({
      ...{ vhost, name, durable: true, auto_delete: false, arguments: args },
    })),
    bindings: topology.bindings.map(({ source, to, destination, key }) => ({
      ...{ vhost, source, destination_type: to, destination, routing_key: key, arguments: {} },
    })),
  }
}

const renderUsers = (users: readonly User[], vhost: string, options: RenderOptions) => {
  const { userPrefix = '', secrets } = options
  const nameOf = (user: User) => `${userPrefix}${user.name}`
  return {
    users: users.map(user => ({
      name: nameOf(user),
      password_hash: hashOf(secrets?.passwords[user.name], secrets?.random),
      hashing_algorithm: 'rabbit_password_hashing_sha256',
      tags: user.tags,
    })),
    permissions: users.map(user => ({
      ...{ user: nameOf(user), vhost, configure: user.configure, write: user.write, read: user.read },
    })),
    topic_permissions: users.flatMap(user =>
      user.keys.map(({ exchange, write }) => ({
        ...{ user: nameOf(user), vhost, exchange, write, read: '^$' },
      })),
    ),
  }
}

/** RabbitMQ's salted SHA-256; empty means that no password is right. */
const hashOf = (password: string | undefined, random: Random | undefined): string => {
  if (password === undefined || random === undefined) return ''
  const salt = Buffer.alloc(4)
  salt.writeUInt32BE(random.int(2 ** 32))
  const digest = createHash('sha256').update(salt).update(password, 'utf8').digest()
  return Buffer.concat([salt, digest]).toString('base64')
}
