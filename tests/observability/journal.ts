import { shop } from '../../services/contract/shop.ts'
import { decodeNotice, type Notice, noticeKinds, parseNoticeType } from '../../shared/contract/notice.ts'
import type { RabbitMqSubject, Subject } from '../messaging/subjects.ts'
import { type KernelSubject, kernelSubjects } from '../saga/engine-subjects.ts'

/** A world whose notices can be read back, in the order of the journal. */
export type JournalSubject = {
  readonly name: string
  prepare(): void
  open(): Promise<{ readonly world: KernelSubject; journal(): Promise<Notice[]> }>
}

// A stream cannot be peeked at, so on RabbitMQ a queue of the test hears what the journal hears.
const eavesdrop = async (world: KernelSubject): Promise<string> => {
  if (!('api' in world)) return shop.names.journal
  const { api, vhost } = world as KernelSubject & RabbitMqSubject
  await api('PUT', `/api/queues/${vhost}/told`, { durable: true, arguments: { 'x-queue-type': 'classic' } })
  for (const kind of noticeKinds)
    await api('POST', `/api/bindings/${vhost}/e/saga.events/q/told`, { routing_key: `*.${kind}` })
  return 'told'
}

const noticesIn = async (world: Subject, queue: string): Promise<Notice[]> =>
  (await world.peek(queue))
    .filter(({ key }) => parseNoticeType(key) !== undefined)
    .map(({ body }) => decodeNotice(shop, JSON.parse(body)))

export const journalSubjects: readonly JournalSubject[] = kernelSubjects.map(({ name, prepare, open }) => ({
  ...{ name, prepare },
  open: async () => {
    const world = await open()
    const queue = await eavesdrop(world)
    return { world, journal: () => noticesIn(world, queue) }
  },
}))
