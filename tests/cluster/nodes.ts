import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { ensureInstalled } from '../../local/bring-up/install.ts'
import { freePort } from '../../local/bring-up/ports.ts'
import { type RabbitMq, startMapper, startRabbitMq } from '../../local/servers/rabbitmq.ts'
import { chosenInstallation } from '../../local/servers/rabbitmq-installation.ts'
import { environmentOf, factsOf, type RabbitMqFacts } from '../../local/servers/rabbitmq-instance.ts'
import { lock } from '../../local/supervision/locks.ts'
import { managementApi } from '../../shared/messaging/topology/management.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { startWire } from '../messaging/wire.ts'
import type { Vhost } from '../support/servers.ts'

/** One node of a cluster; each start is at the same place and with its data. */
export type ClusterNode = {
  /** As the others know it. */
  readonly name: string
  /** What a shell on its machine would have. */
  readonly env: NodeJS.ProcessEnv
  readonly amqpPort: number
  /** Its part of the configuration about the cluster, from its next start on. */
  configure(text: string): void
  start(): Promise<void>
  stop(): Promise<unknown>
  kill(): Promise<unknown>
  freeze(): void
}

/** Three places for nodes on this machine; none is started before the test does it. */
export type Cluster = {
  readonly nodes: readonly [ClusterNode, ClusterNode, ClusterNode]
  /**
   * All addresses, as the administrator, in the vhost `choreo`; dropping it ends what runs and removes the
   * data.
   */
  readonly vhost: Vhost
  readonly managementUrl: string
  /**
   * From now on clients reach the nodes after the first; before that they are hung up on.
   */
  tellEverybody(): void
}

type Place = { readonly folder: string; readonly facts: RabbitMqFacts & { node: string } }

/** How long a test may wait until it has the machine's only cluster (ms). */
export const turnMs = 900_000

/**
 * Makes the places, and starts the port mapper by which the nodes find each other. One cluster at a time on a
 * machine, whichever test run it is of: nodes that wait for each other's processor take each other for dead.
 */
export const openCluster = async (): Promise<Cluster> => {
  await ensureInstalled(['rabbitmq-server'], () => {})
  const letGo = await lock('the cluster of a test', () => {})
  const folder = mkdtempSync(join(tmpdir(), 'choreo-test-'))
  const epmd = await freePort()
  const placeAt = async (n: number): Promise<Place> => {
    const home = join(folder, `node${n}`)
    return { folder: home, facts: { ...(await factsOf(home, { epmd })), node: `choreo${n}@localhost` } }
  }
  const places = [await placeAt(1), await placeAt(2), await placeAt(3)] as const
  const [first, second, third] = places
  const logFile = join(folder, 'epmd.log')
  const mapper = await startMapper({ folder, logFile, facts: first.facts, installation })
  const nodes = [nodeAt(first, first), nodeAt(second, first), nodeAt(third, first)] as const
  const doors = await doorsOf(places)
  const drop = async () => {
    await Promise.all([...nodes.map(node => node.kill()), doors.close()])
    await mapper.kill()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    letGo()
  }
  return { nodes, tellEverybody: doors.open, ...addressesOf(places, doors.ports, drop) }
}

/**
 * Where clients reach each node. A program cannot be given another address while it runs: what leads to a
 * node is opened instead.
 */
const doorsOf = async (places: readonly Place[]) => {
  const [first, ...others] = places.map(({ facts }) => facts.ports.amqp)
  const wires = await Promise.all(others.map(startWire))
  for (const wire of wires) wire.cut()
  const open = () => {
    for (const wire of wires) wire.goOn()
  }
  const close = () => Promise.all(wires.map(wire => wire.close()))
  return { ports: [first, ...wires.map(({ port }) => port)], open, close }
}

const addressesOf = (
  places: readonly [Place, ...Place[]],
  amqpPorts: readonly (number | undefined)[],
  drop: () => Promise<void>,
) => {
  const { adminUser, adminPassword } = places[0].facts
  const managementUrl = places.map(({ facts }) => `http://127.0.0.1:${facts.ports.management}`).join(',')
  const amqpUrl = amqpPorts
    .map(port => `amqp://${adminUser}:${adminPassword}@127.0.0.1:${port}/choreo`)
    .join(',')
  const api = managementApi({ managementUrl, adminUser, adminPassword }, 5_000)
  return { vhost: { name: 'choreo', amqpUrl, api, drop }, managementUrl }
}

/** Always that of the machine: what the page says was run with it. */
const installation = chosenInstallation({})

/** Where Debian has RabbitMQ's tools; those on PATH change to another user. */
const tools = '/usr/lib/rabbitmq/bin'

const nodeAt = ({ folder, facts }: Place, first: Place): ClusterNode => {
  let running: RabbitMq | undefined
  return {
    name: facts.node,
    env: { ...environmentOf(folder, facts), PATH: [tools, process.env.PATH].join(delimiter) },
    amqpPort: facts.ports.amqp,
    configure: text => {
      mkdirSync(join(folder, 'conf.d'), { recursive: true })
      writeFileSync(join(folder, 'conf.d', 'cluster.conf'), text)
    },
    start: async () => {
      writeFileSync(join(folder, 'advanced.config'), advanced)
      if (folder !== first.folder) takeOver(first.folder, folder)
      const { node, ports } = facts
      running = await startRabbitMq({ folder, log: silentLog, installation, node, ports })
    },
    stop: async () => running?.stop(),
    kill: async () => running?.kill(),
    freeze: () => void (running && process.kill(running.pid, 'SIGSTOP')),
  }
}

/**
 * What coordinates the streams looks for new nodes every minute otherwise: too long to wait for in a test.
 */
const advanced = '[{rabbit, [{stream_tick_interval, 2000}]}].\n'

/** A node is let in by the cookie of the others, and has their users instead of its own. */
const takeOver = (from: string, to: string): void => {
  for (const file of ['.erlang.cookie', 'admin.json']) {
    if (existsSync(join(to, file))) chmodSync(join(to, file), 0o600)
    copyFileSync(join(from, file), join(to, file))
    chmodSync(join(to, file), 0o400)
  }
}
