import { z } from 'zod'
import type { QueueCount, ReadCounts } from '../../messaging/queue-counts.ts'
import type { ManagementCall } from '../../messaging/topology/management.ts'

/**
 * How full a queue is. A figure that the broker does not tell is undefined: it is unknown, and never zero.
 */
export type QueueReading = {
  readonly name: string
  readonly ready: number | undefined
  readonly unacknowledged: number | undefined
  readonly consumers: number | undefined
  /** What is ready, in bytes; only the statistics of the management plugin know it. */
  readonly bytes?: number | undefined
  /** The name of the policy that holds for it, if any. */
  readonly policy?: string
}

/**
 * A broker as its operator looks at it: the management API, and what counts its queues without the statistics
 * of the management plugin.
 */
export type BrokerView = { readonly api: ManagementCall; readonly counts?: ReadCounts }

const figure = z
  .number()
  .nullish()
  .transform(value => value ?? undefined)

const Row = z.object({
  name: z.string(),
  exclusive: z.boolean().nullish(),
  state: z.string().nullish(),
  policy: z.string().nullish(),
  messages_ready: figure,
  messages_unacknowledged: figure,
  consumers: figure,
  message_bytes_ready: figure,
})
type Row = z.output<typeof Row>

const pathOf = (vhost: string) => `/api/queues/${encodeURIComponent(vhost)}`

/**
 * How full the queues of a vhost are, of which the management API gave this list; without those of one
 * connection only. What is ready and who consumes is counted
 * now, if that can be done, else it is what the statistics said some seconds ago, if there are any; what is
 * in hand is known to the management API alone.
 * @throws SagaError `broker-unavailable`, `broker-refused`
 */
export const readingsIn = async (
  { api, counts }: BrokerView,
  vhost: string,
  list: unknown,
): Promise<QueueReading[]> => {
  const rows = z.array(Row).parse(list)
  const lasting = rows.filter(({ exclusive }) => exclusive !== true)
  const names = lasting.map(({ name }) => name)
  const [totals, counted] = await Promise.all([
    api('GET', `${pathOf(vhost)}?disable_stats=true&enable_queue_totals=true`),
    // Who cannot be asked has told nothing.
    counts?.(names).catch(() => undefined),
  ])
  const totalOf = new Map(
    z
      .array(Row)
      .parse(totals)
      .map(row => [row.name, row]),
  )
  return lasting.map(row => readingOf(row, totalOf.get(row.name), counted?.get(row.name)))
}

/** States in which a queue answers; of any other RabbitMQ tells zeros, or what was true long ago. */
const answering = new Set(['running', 'flow', 'idle'])

const readingOf = (row: Row, total: Row | undefined, count: QueueCount | undefined): QueueReading => {
  const { name, messages_ready, consumers } = row
  // The one of the statistics is as old as they are.
  const policy = (total ?? row).policy
  const about = { name, ...(policy && { policy }) }
  if (!answering.has(total?.state ?? row.state ?? ''))
    return { ...about, ready: undefined, unacknowledged: undefined, consumers: undefined }
  return {
    ...about,
    ready: count?.ready ?? messages_ready,
    unacknowledged: row.messages_unacknowledged ?? total?.messages_unacknowledged,
    consumers: count?.consumers ?? consumers,
    bytes: row.message_bytes_ready,
  }
}
