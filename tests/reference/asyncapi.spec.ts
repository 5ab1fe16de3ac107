import { Ajv } from 'ajv'
import { expect } from 'chai'
import { participants, shopTopology } from '../../rabbitmq/participants.ts'
import { asyncApiDocument } from '../../reference/asyncapi/document.ts'
import { events, shop } from '../../services/contract/shop.ts'
import { encode } from '../../shared/contract/envelope.ts'
import { redacted } from '../../shared/contract/redact.ts'
import type { OutgoingMessage } from '../../shared/messaging/broker.ts'
import { mayWrite } from '../../shared/messaging/topology/routing.ts'
import { changed } from '../support/changed.ts'
import { anEvent } from '../support/events.ts'
import { findingsIn } from './lint.ts'
import { aNotice, sentBy, toldBy } from './sent.ts'

type Json = Readonly<Record<string, unknown>>
type Ref = { readonly $ref: string }
type Channel = { readonly address: string; readonly messages: Record<string, Ref>; readonly bindings: Json }
type Message = {
  readonly contentType: string
  readonly headers?: Ref
  readonly payload: Ref
  readonly bindings: Json
}
type Operation = { readonly action: 'send' | 'receive'; readonly channel: Ref; readonly 'x-queue'?: string }

const document = JSON.parse(JSON.stringify(asyncApiDocument())) as ReturnType<typeof asyncApiDocument>
const channels = document.channels as unknown as Record<string, Channel>
const operations = Object.entries(document.operations) as [string, Operation][]
const topology = shopTopology()

const resolved = <T>({ $ref }: Ref): T =>
  $ref
    .split('/')
    .slice(1)
    .reduce<unknown>((at, step) => (at as Json | undefined)?.[step], document) as T

/**
 * The one hint that is not ours. Version 3.1.0 brings bindings for ROS 2, which nothing here uses, and
 * readers of 3.0.0 refuse it.
 */
const notOurs = ['asyncapi-latest-version asyncapi']

describe('the AsyncAPI document', () => {
  it('is one that the parser of AsyncAPI has nothing to say against', async () => {
    expect(await findingsIn(document)).to.deep.equal(notOurs)
  })

  const placed = ['channels', 'order.placed']
  const hearing = ['operations', 'inventory.receive.order.placed']
  const breaks: Record<string, readonly [rule: string, place: readonly string[], value?: unknown]> = {
    'of a version that there is not': ['asyncapi-is-asyncapi', ['asyncapi'], '3.9.9'],
    'with a binding to a queue that has an exchange': [
      'asyncapi-document-resolved channels order.placed bindings amqp',
      [...placed, 'bindings', 'amqp', 'is'],
      'queue',
    ],
    'with a word that there is not': [
      'asyncapi-document-resolved channels order.placed adress',
      [...placed, 'adress'],
      'x',
    ],
    'with an operation that neither sends nor receives': [
      'asyncapi-document-resolved operations inventory.receive.order.placed action',
      [...hearing, 'action'],
      'listen',
    ],
    'with a schema of a type that there is not': [
      'asyncapi-document-resolved components schemas Sku type',
      ['components', 'schemas', 'Sku', 'type'],
      'text',
    ],
    'with a server without a protocol': [
      'asyncapi-document-resolved servers broker',
      ['servers', 'broker', 'protocol'],
    ],
    'with a reference that leads nowhere': [
      'invalid-ref components messages order.placed payload $ref',
      ['components', 'messages', 'order.placed', 'payload', '$ref'],
      '#/components/schemas/none',
    ],
    'with an operation on a message that is not of its channel': [
      'asyncapi3-operation-messages-from-referred-channel operations inventory.receive.order.placed messages 0',
      [...hearing, 'messages'],
      [{ $ref: '#/channels/order.confirmed/messages/one' }],
    ],
    'with a parameter that is not in the address': [
      'asyncapi3-channel-parameters channels order.placed parameters what',
      [...placed, 'parameters'],
      { what: {} },
    ],
  }
  for (const [what, [rule, place, value]] of Object.entries(breaks))
    it(`would not be ${what}`, async () => {
      expect(await findingsIn(changed(document, place, value))).to.include(rule)
    })

  it('has a channel for just every key that a service may write', () => {
    const keys = participants.flatMap(({ service }) =>
      Object.keys(channels).filter(key => mayWrite(topology, service, 'saga.events', key)),
    )
    expect(keys).to.have.members(Object.keys(channels))
    const words = topology.users.flatMap(({ keys: all }) => all.filter(one => one.exchange === 'saga.events'))
    const written = words.flatMap(({ write }) => write.slice(2, -2).replaceAll('\\', '').split('|'))
    expect(Object.values(channels).map(({ address }) => address)).to.have.members(written)
  })

  it('has every service send what it may write, and receive what its inbox is bound to', () => {
    for (const { service } of participants) {
      const own = (action: string) =>
        operations
          .filter(([name, one]) => name.startsWith(`${service}.`) && one.action === action)
          .map(([, { channel }]) => resolved<Channel>(channel).address)
      const bound = topology.bindings.filter(({ destination }) => destination === `${service}.inbox`)
      expect(own('receive')).to.have.members(bound.map(({ key }) => key))
      const mine = Object.keys(channels).filter(key => mayWrite(topology, service, 'saga.events', key))
      expect(own('send')).to.have.members(mine)
    }
  })

  it('has tracking read everything out of the journal, and only queues that there are', () => {
    const read = operations.filter(([name]) => name.startsWith('tracking.'))
    expect(read.map(([, { channel }]) => resolved<Channel>(channel).address)).to.have.members(
      Object.keys(channels),
    )
    expect(new Set(read.map(([, { action, 'x-queue': queue }]) => `${action} ${queue}`))).to.deep.equal(
      new Set(['receive saga.journal']),
    )
    const queues = operations.flatMap(([, one]) => one['x-queue'] ?? [])
    expect(topology.queues.map(({ name }) => name)).to.include.members(queues)
  })
})

describe('a message that travels, by the AsyncAPI document', () => {
  const ajv = new Ajv({
    ...{ strict: true, strictTypes: false, strictRequired: false, keywords: ['x-sensitive'] },
    formats: { 'date-time': (text: string) => !Number.isNaN(Date.parse(text)) },
  })
  const inAjv = (schema: unknown): object =>
    JSON.parse(JSON.stringify(schema).replaceAll('#/components/schemas/', 'doc#/definitions/')) as object
  ajv.addSchema({ $id: 'doc', definitions: inAjv(document.components.schemas) })
  const faultOf = (schema: Ref, value: unknown) =>
    ajv.validate(inAjv(schema), value) ? undefined : ajv.errorsText()

  /** Everything that is wrong with a message. */
  const faultsOf = ({ exchange, key, type, contentType, body, headers = {} }: OutgoingMessage): string[] => {
    const channel = channels[key] ?? { address: '', messages: {}, bindings: {} }
    const { amqp = {} } = channel.bindings as { amqp?: { exchange?: { name: string } } }
    const all = Object.values(channel.messages).map(one => resolved<Message>(one))
    const message = all.find(one => one.contentType === contentType)
    if (!message) return [`nothing of type ${contentType} under ${key}`]
    const { messageType } = message.bindings.amqp as { messageType: string }
    return [
      ...(channel.address === key && amqp.exchange?.name === exchange
        ? []
        : [`sent to ${exchange} with ${key}`]),
      ...(messageType === type ? [] : [`is of type ${type}`]),
      ...[message.headers ? faultOf(message.headers, headers) : undefined].flatMap(one => one ?? []),
      ...[faultOf(message.payload, JSON.parse(body.toString()))].flatMap(one => one ?? []),
    ]
  }

  for (const { type } of events)
    it(`is as described, alone, sent again and with others: ${type}`, async () => {
      const [one, two] = [anEvent(type), anEvent(type)]
      const [alone, again] = [await sentBy([one]), await sentBy([one], 'again-1')]
      const batch = { ...alone, ...encode(shop, [one, two]) }
      for (const message of [alone, again, batch]) expect(faultsOf(message)).to.deep.equal([])
      const stranger = Object.assign({}, one, { data: { ...one.data, stranger: 1 } })
      for (const events of [[stranger], [one, stranger], [Object.assign({}, one, { version: 99 })]])
        expect(faultsOf({ ...alone, ...encode(shop, events) })).to.have.lengthOf(1)
    })

  for (const { service } of participants)
    for (const kind of ['attempt-failed', 'parked', 'repaired'] as const)
      it(`is as described: a notice of ${service} that something is ${kind}`, async () => {
        const message = await toldBy(aNotice(service, kind))
        expect(faultsOf(message)).to.deep.equal([])
        expect(faultsOf({ ...message, body: Buffer.from('{}') })).to.not.be.empty
      })

  it('is marked as sensitive in just the fields that are never shown', () => {
    const isMarked = (field: unknown): boolean => {
      const { $ref, 'x-sensitive': marked } = field as { $ref?: string; 'x-sensitive'?: boolean }
      return marked === true || ($ref !== undefined && isMarked(resolved({ $ref })))
    }
    for (const { type } of events) {
      const { schema } = shop.definitionOf(type) ?? {}
      const { data } = anEvent(type)
      const shown = Object.keys((schema && redacted(schema, data)) as object)
      const payload = resolved<{ properties: { data: { properties?: object } } }>({
        $ref: `#/components/schemas/${type}`,
      })
      const fields = Object.entries(payload.properties.data.properties ?? {})
      const marked = fields.filter(([, field]) => isMarked(field)).map(([name]) => name)
      expect(marked).to.have.members(Object.keys(data).filter(name => !shown.includes(name)))
    }
  })
})
