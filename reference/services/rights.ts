import { participants, shopTopology } from '../../rabbitmq/participants.ts'
import { events } from '../../services/contract/shop.ts'
import { noticeKinds, noticeType } from '../../shared/contract/notice.ts'
import { inboxOf } from '../../shared/messaging/topology/names.ts'
import { mayRead, mayWrite } from '../../shared/messaging/topology/routing.ts'
import { table } from '../page.ts'
import type { DescribedService } from './described-services.ts'

const topology = shopTopology()

/** Every key that anybody uses for anything. */
const keys = [
  ...events.map(({ type }) => type),
  ...participants.flatMap(({ service }) => [
    ...noticeKinds.map(kind => noticeType(service, kind)),
    ...[inboxOf(service), service],
  ]),
]

/** What its broker user may do; all else is refused. */
export const rights = ({ name }: DescribedService): string => {
  const queues = topology.queues.map(queue => queue.name).filter(queue => mayRead(topology, name, queue))
  const reads = `Its user may read ${listed(queues)}`
  const exchanges = exchangesByKeys(name)
  if (exchanges.size === 0) return `${reads}, and publish nothing anywhere.`
  return [
    `${reads}, and publish:`,
    table(
      ['to', 'under'],
      [...exchanges].map(([under, to]) => [listed(to), under]),
    ),
  ].join('\n\n')
}

/** The exchanges that it may publish to, by the keys that it may use there. */
const exchangesByKeys = (user: string): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, string[]>()
  for (const { name } of topology.exchanges) {
    const under = listed(keys.filter(key => mayWrite(topology, user, name, key)))
    if (under !== '') found.set(under, [...(found.get(under) ?? []), name])
  }
  return found
}

const listed = (names: readonly string[]) => names.map(name => `\`${name}\``).join(', ')
