import { meaningsOf } from '../../choreography/flow.ts'
import { shopFlow } from '../../choreography/shop.ts'
import { events, shop } from '../../services/contract/shop.ts'
import { reactingServices } from '../../services/reacting-services.ts'
import { inboxOf } from '../../shared/messaging/topology/names.ts'
import type { Reaction } from '../../shared/saga/define/reaction.ts'
import { messagesOn, notices } from './messages.ts'

/**
 * Who sends what and who receives it, by the reaction tables; tracking reads everything out of the journal.
 */
export const operations = (): Readonly<Record<string, object>> =>
  Object.fromEntries([
    ...reactingServices.flatMap(({ name, reactions }) => [
      ...events.filter(({ owner }) => owner === name).map(({ type }) => said(name, type)),
      ...reactions.map(reaction => heard(name, reaction)),
    ]),
    ...notices.map(({ service, type }) => told(service, type)),
    ...[...events, ...notices].map(({ type }) => read(type)),
  ])

const about = (action: 'send' | 'receive', type: string) => ({
  action,
  channel: { $ref: `#/channels/${type}` },
  messages: Object.keys(messagesOn(type)).map(name => ({ $ref: `#/channels/${type}/messages/${name}` })),
})

const sending = {
  amqp: { deliveryMode: 2, mandatory: true, timestamp: true, bindingVersion: '0.3.0' },
} as const
const receiving = { amqp: { ack: true, bindingVersion: '0.3.0' } } as const

const said = (service: string, type: string) => [
  `${service}.send.${type}`,
  {
    ...about('send', type),
    summary: `${service} says ${type}.`,
    bindings: sending,
    'x-means': [...meaningsOf(shopFlow, type)],
  },
]

const heard = (service: string, { on, emits, within }: Reaction<unknown>) => [
  `${service}.receive.${on.type}`,
  {
    ...about('receive', on.type),
    summary: `${service} hears ${on.type}${sayingOf(Object.keys(emits))}.`,
    bindings: receiving,
    'x-queue': inboxOf(service),
    'x-may-say': emits,
    'x-usually-within': within,
  },
]

const sayingOf = (types: readonly string[]): string =>
  types.length === 0 ? ' and says nothing' : `, and may say ${types.join(' or ')}`

const told = (service: string, type: string) => [
  `${service}.send.${type}`,
  { ...about('send', type), summary: `${service} reports its own trouble.`, bindings: sending },
]

const read = (type: string) => [
  `tracking.receive.${type}`,
  {
    ...about('receive', type),
    summary: `tracking reads ${type} out of the journal.`,
    bindings: receiving,
    'x-queue': shop.names.journal,
  },
]
