import { randomBytes } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { keptJson, writeWhole } from '../../system/json-file.ts'
import { projectFolder } from '../../system/project.ts'
import { keptPorts } from '../bring-up/kept-ports.ts'

/** The ports of one RabbitMQ, all on loopback. */
export type RabbitMqPorts = {
  amqp: number
  management: number
  prometheus: number
  dist: number
  epmd: number
}

/** What stays the same over restarts of a private RabbitMQ. */
export type RabbitMqFacts = {
  ports: RabbitMqPorts
  adminUser: string
  adminPassword: string
  /** The name of a node that may join others; `choreo@localhost` unless given. */
  node?: string
}

const portNames = ['amqp', 'management', 'prometheus', 'dist', 'epmd'] as const

/**
 * The facts of the instance in `folder`, chosen at its first start; `wanted` ports win over remembered ones.
 */
export const factsOf = async (
  folder: string,
  wanted: Partial<RabbitMqPorts> = {},
): Promise<RabbitMqFacts> => {
  const admin = await keptJson(join(folder, 'admin.json'), async () => ({
    adminUser: 'choreo-admin',
    adminPassword: randomBytes(24).toString('base64url'),
  }))
  return { ...admin, ports: await keptPorts(join(folder, 'ports.json'), portNames, wanted) }
}

const privateSettings = ({ ports, adminUser, adminPassword }: RabbitMqFacts): string => `
# Of this private instance
listeners.tcp.local = 127.0.0.1:${ports.amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = ${ports.management}
prometheus.tcp.ip = 127.0.0.1
prometheus.tcp.port = ${ports.prometheus}
default_user = ${adminUser}
default_pass = ${adminPassword}
`

/** Writes configuration and plugin list of the instance from the committed ones. */
export const writeConfiguration = (folder: string, facts: RabbitMqFacts): void => {
  const committed = (name: string) => join(projectFolder, 'rabbitmq', name)
  mkdirSync(folder, { recursive: true })
  const common = readFileSync(committed('rabbitmq.conf'), 'utf8')
  writeWhole(join(folder, 'rabbitmq.conf'), common + privateSettings(facts))
  copyFileSync(committed('enabled_plugins'), join(folder, 'enabled_plugins'))
}

const ambient = () => Object.entries(process.env).filter(([name]) => !/^(RABBITMQ|ERL|RELX)_/.test(name))

/**
 * Everything RabbitMQ would otherwise look for in the system's folders points into `folder`; its shell
 * wrapper is replaced by the VM.
 */
export const environmentOf = (
  folder: string,
  { ports, node = 'choreo@localhost' }: RabbitMqFacts,
): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(ambient()),
  HOME: folder,
  ERL_EPMD_PORT: String(ports.epmd),
  ERL_EPMD_ADDRESS: '127.0.0.1',
  RABBITMQ_NODENAME: node,
  RABBITMQ_DIST_PORT: String(ports.dist),
  RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
  RABBITMQ_CONFIG_FILES: join(folder, 'conf.d'),
  RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, 'advanced.config'),
  RABBITMQ_CONF_ENV_FILE: join(folder, 'rabbitmq-env.conf'),
  RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
  RABBITMQ_MNESIA_BASE: join(folder, 'data'),
  RABBITMQ_LOG_BASE: join(folder, 'log'),
  RABBITMQ_LOGS: '-',
  RABBITMQ_SCHEMA_DIR: join(folder, 'schema'),
  RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'generated'),
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
  RABBITMQ_CTL_DIST_PORT_MIN: String(ports.dist + 1),
  RABBITMQ_CTL_DIST_PORT_MAX: String(ports.dist + 11),
  // The start script then becomes the VM instead of watching over it: its pid is the broker's.
  RUNNING_UNDER_SYSTEMD: 'true',
})
