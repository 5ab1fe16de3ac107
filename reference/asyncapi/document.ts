import { hearersOf } from '../../choreography/flow.ts'
import { shopFlow } from '../../choreography/shop.ts'
import { events, shop } from '../../services/contract/shop.ts'
import type { AnyDefinition } from '../../shared/contract/event.ts'
import { contact, contractVersion } from '../../shared/contract/version.ts'
import { messages, messagesOn, notices, schemas } from './messages.ts'
import { operations } from './operations.ts'

const { vhost } = shop.names

/**
 * Every message of the saga in AsyncAPI 3, from the schemas that check it and the reaction tables that move
 * it. Pure.
 */
export const asyncApiDocument = () => ({
  asyncapi: '3.0.0',
  id: 'urn:choreo:events',
  info: {
    title: 'Choreo',
    version: contractVersion,
    description:
      'Events are CloudEvents 1.0 in JSON, published under their type as routing key by the one service that owns them, persistent, mandatory and confirmed. AMQP has the id as `messageId` (of a batch the first one, and how many follow), the type as `type`, the order as `correlationId` when there is one, and the service as `appId`. Ids are deterministic: the same id is the same event. Fields marked `x-sensitive` never reach a log, a listing or an error.',
    contact,
    license: { name: 'MIT' },
  },
  defaultContentType: 'application/cloudevents+json',
  servers: {
    broker: {
      host: '{host}',
      pathname: `/${vhost}`,
      protocol: 'amqp',
      protocolVersion: '0.9.1',
      description: 'RabbitMQ; AMQP_URL says where. Each service has a user of its own.',
      variables: { host: { default: 'localhost:5672', description: 'Host and port.' } },
      security: [{ $ref: '#/components/securitySchemes/service' }],
    },
  },
  channels: Object.fromEntries([
    ...events.map(event => [event.type, channelOf(event.type, summaryOf(event))]),
    ...notices.map(({ type, service, kind }) => [type, channelOf(type, `A notice of ${service}: ${kind}.`)]),
  ]),
  operations: operations(),
  components: {
    securitySchemes: {
      service: { type: 'userPassword', description: 'It may write its own keys and read its own inbox.' },
    },
    messages: messages(),
    schemas: schemas(),
  },
})

const channelOf = (type: string, summary: string) => ({
  address: type,
  summary,
  messages: messagesOn(type),
  bindings: {
    amqp: {
      is: 'routingKey',
      exchange: { name: shop.names.exchanges.events, type: 'topic', durable: true, autoDelete: false, vhost },
      bindingVersion: '0.3.0',
    },
  },
})

const summaryOf = ({ type, owner, terminal }: AnyDefinition): string => {
  const hearers = hearersOf(shopFlow, type)
  if (hearers.length > 0) return `Said by ${owner}, heard by ${hearers.join(', ')}.`
  return `Said by ${owner}${terminal ? ', the end of a saga' : ''}.`
}
