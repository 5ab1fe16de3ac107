import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isQuick } from '../../harness/order-kinds.ts'
import type { WorkloadOrder } from '../../harness/workload.ts'
import type { OrderId } from '../../services/contract/ids.ts'
import { reactingNames } from '../../services/registry.ts'
import { blocksOf, read, type Step, stepsOf } from '../docs/page.ts'
import { openShell } from '../docs/shell.ts'
import { timelineIn } from '../faults/failure-text.ts'
import { type UnderLoad, underLoad } from '../faults/under-load.ts'
import { startWholeSystem, type WholeSystem } from '../faults/whole-system.ts'
import { until } from '../messaging/messages.ts'
import { type Cluster, type ClusterNode, openCluster } from './nodes.ts'

/** A whole system under load whose RabbitMQ becomes a cluster. */
export type WholeCluster = Cluster & {
  readonly whole: WholeSystem
  readonly load: UnderLoad
  /** The orders that come in from its start on, until they are stopped. */
  readonly coming: ReturnType<UnderLoad['steadily']>
  /** The pids of all that runs beside the nodes, as it was started. */
  readonly pidsAtStart: unknown
  logOf(name: string): string
  /** The next orders that are accepted from now on, of kinds for which no provider is slow. */
  next(count: number): Promise<readonly WorkloadOrder[]>
  /** Waits until these have ended, and tracking tells so. */
  haveEnded(orders: readonly WorkloadOrder[]): Promise<void>
  /** Which statuses were answered to a call, such as `POST /orders`. */
  statusesOf(call: string): readonly number[]
  /** The pids of all that runs beside the nodes. */
  pids(): unknown
  stop(): Promise<void>
}

const orderCount = 2_000
const everyMs = 400
/**
 * How long an order may take that came while a cluster recovers: elections, connections that are dialled
 * again, and publishes that are not confirmed in time add up.
 */
const endsWithinMs = 120_000
const loggedLines = 30

/**
 * Brings up the first node, then the system on the addresses of all three nodes, looks at its orders, ledgers
 * and stock, and lets orders come in.
 */
export const startWholeCluster = async (): Promise<WholeCluster> => {
  const cluster = await openCluster()
  const whole = await cluster.nodes[0]
    .start()
    .then(() => startWholeSystem({ place: async () => cluster }))
    .catch(async error => {
      await cluster.vhost.drop()
      throw error
    })
  const { system } = whole
  const load = await underLoad(system)
  const pids = () => system.run().map(({ name, pid }) => [name, pid])
  return {
    ...{ ...cluster, whole, load, pids, pidsAtStart: pids() },
    coming: load.steadily(everyMs, orderCount),
    logOf: name => readFileSync(join(system.folder, 'logs', `${name}.log`), 'utf8'),
    next: async count => {
      const before = acceptedOf(load).length
      await until(`${count} orders are accepted`, () => acceptedOf(load).length >= before + count, 60_000)
      return acceptedOf(load).slice(before, before + count)
    },
    haveEnded: async orders => {
      for (const { orderIds, planned } of orders)
        for (const id of orderIds)
          await until(`${planned.kind}: ${id} ends`, () => hasEnded(system.url, id), endsWithinMs).catch(
            explain(whole, id),
          )
    },
    statusesOf: call => [
      ...new Set(load.answers.filter(({ path }) => path === call).map(({ status }) => status)),
    ],
    stop: async () => {
      load.giveUp()
      await whole.stop()
    },
  }
}

/** Adds the order's timeline, and what was logged last, to the error of a wait for its end. */
const explain =
  ({ system, mongodbUrl }: WholeSystem, id: string) =>
  async (error: unknown): Promise<never> => {
    const timeline = await timelineIn(mongodbUrl, id as OrderId)
    const logs = reactingNames.map(name => {
      const lines = readFileSync(join(system.folder, 'logs', `${name}.log`), 'utf8')
        .trimEnd()
        .split('\n')
      return lines.slice(-loggedLines).join('\n')
    })
    throw new Error([String(error), timeline, ...logs].join('\n'), { cause: error })
  }

/** In the order in which they were accepted, without those that wait for a provider. */
const acceptedOf = ({ workload }: UnderLoad): WorkloadOrder[] =>
  workload
    .orders()
    .filter(({ acceptedAt, planned }) => acceptedAt !== undefined && isQuick(planned.kind))
    .toSorted((a, b) => Number(a.acceptedAt) - Number(b.acceptedAt))

const hasEnded = async (url: string, id: string): Promise<boolean> => {
  const answer = await fetch(`${url}/orders/${id}/timeline`, { signal: AbortSignal.timeout(10_000) })
  return answer.ok && ((await answer.json()) as { settled: boolean }).settled
}

/** The machines of the page are all this one. */
const here = (text: string): string => text.replaceAll(/rabbit@rabbit-(\d)/g, 'choreo$1@localhost')
const page = read('docs/how-to/move-to-a-cluster.md')

/** The configuration of every node, as the page has it. */
export const clusterSettings: string = here(
  blocksOf(page).find(({ language }) => language === 'ini')?.text ?? '',
)

/** The shell block of the page that has this command in it. */
export const stepWith = (command: string): Step => {
  const step = stepsOf(page).find(({ shell }) => shell.includes(command))
  if (!step) throw new Error(`the page has no ${command}`)
  return step
}

/**
 * Runs a block of the page as on the machine of a node; resolves with what it writes. There is no systemd
 * here: what it would be told is written, too.
 */
export const runOn = async (node: ClusterNode, { shell: block }: Step): Promise<string> => {
  const shell = openShell('/', node.env)
  try {
    return await shell.run(`systemctl() { echo "systemctl $*"; }\n${here(block)}`)
  } finally {
    shell.close()
  }
}
