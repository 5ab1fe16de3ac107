import { createRequire } from 'node:module'
import { Ajv, type ValidateFunction } from 'ajv'
import { expect } from 'chai'
import { participants } from '../../rabbitmq/participants.ts'
import { asyncApiDocument } from '../../reference/asyncapi/document.ts'
import { encode } from '../../shared/contract/envelope.ts'
import { redacted } from '../../shared/contract/redact.ts'
import { definitionOf, events } from '../../shared/contract/registry.ts'
import type { Outgoing } from '../../shared/messaging/broker.ts'
import { mayWrite } from '../../shared/messaging/routing.ts'
import { topologyOf } from '../../shared/messaging/topology.ts'
import { anEvent } from '../given/events.ts'
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
const topology = topologyOf(participants)

const resolved = <T>({ $ref }: Ref): T =>
  $ref
    .split('/')
    .slice(1)
    .reduce<unknown>((at, step) => (at as Json | undefined)?.[step], document) as T

/** The official schema of AsyncAPI 3.0.0. */
const official = () => {
  const schema = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0.json') as object
  const uri = (text: string) => URL.canParse(text)
  const formats = { uri, 'uri-reference': true, 'uri-template': true, email: true, regex: true } as const
  // It brings the meta-schema of its own schemas, which Ajv would have a second time.
  return new Ajv({ strict: false, meta: false, validateSchema: false, formats }).compile(schema)
}

describe('the AsyncAPI document', () => {
  let isValid: ValidateFunction
  before(() => {
    isValid = official()
  })

  it('is what the official schema of AsyncAPI 3.0.0 takes', () => {
    expect(isValid(document), JSON.stringify(isValid.errors)).to.equal(true)
  })

  const placed = document.channels['order.placed'] as object
  const withChannel = (change: object) => ({ channels: { 'order.placed': { ...placed, ...change } } })
  const breaks: Record<string, object> = {
    'another version': { asyncapi: '2.6.0' },
    'a channel whose binding has a queue and an exchange': withChannel({
      bindings: { amqp: { is: 'queue', exchange: { name: 'saga.events' } } },
    }),
    'a channel with a word that there is not': withChannel({ adress: 'x' }),
    'an operation that neither sends nor receives': {
      operations: { x: { action: 'listen', channel: { $ref: '#/channels/order.placed' } } },
    },
    'a schema of a type that there is not': { components: { schemas: { x: { type: 'text' } } } },
    'a server without a protocol': { servers: { broker: { host: 'localhost' } } },
  }
  for (const [what, change] of Object.entries(breaks))
    it(`would not be with ${what}`, () => {
      expect(isValid({ ...document, ...change })).to.equal(false)
    })

  it('has no reference that leads nowhere', () => {
    const refs = JSON.stringify(document).match(/(?<="\$ref":")[^"]+/g) ?? []
    for (const $ref of new Set(refs)) expect(resolved({ $ref }), $ref).to.be.an('object')
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
  const faultsOf = ({ exchange, key, type, contentType, body, headers = {} }: Outgoing): string[] => {
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
      const batch = { ...alone, ...encode([one, two]) }
      for (const message of [alone, again, batch]) expect(faultsOf(message)).to.deep.equal([])
      const stranger = Object.assign({}, one, { data: { ...one.data, stranger: 1 } })
      for (const events of [[stranger], [one, stranger], [Object.assign({}, one, { version: 99 })]])
        expect(faultsOf({ ...alone, ...encode(events) })).to.have.lengthOf(1)
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
      const { schema } = definitionOf(type) ?? {}
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
