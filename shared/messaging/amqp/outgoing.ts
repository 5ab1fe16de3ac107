import type { Options } from 'amqplib'
import { SagaError } from '../../runtime/errors.ts'
import type { Clock } from '../../runtime/time/clock.ts'
import type { OutgoingMessage } from '../broker.ts'
import type { PendingPublish } from './in-flight.ts'

type Sender = { readonly appId: string; readonly clock: Clock }

/** What AMQP carries beside the body. */
export const propertiesOf = ({ message }: PendingPublish, { appId, clock }: Sender): Options.Publish => ({
  mandatory: true,
  persistent: true,
  messageId: message.messageId,
  type: message.type,
  contentType: message.contentType,
  timestamp: Math.floor(clock.now() / 1000),
  appId,
  ...(message.correlationId === undefined ? {} : { correlationId: message.correlationId }),
  ...(message.headers === undefined ? {} : { headers: message.headers }),
})

/** It was not sent. */
export const unavailable = (message: OutgoingMessage, why: string): SagaError =>
  new SagaError('broker-unavailable', `${message.messageId}: ${why}`)

/** No queue takes it. */
export const unroutable = (message: OutgoingMessage): SagaError =>
  new SagaError('publish-unroutable', `${message.exchange} ${message.key}`)

/**
 * The driver threw: a channel that is closing throws IllegalOperationError; anything else is a message that
 * AMQP cannot carry.
 */
export const notSent = (message: OutgoingMessage, cause: unknown): SagaError =>
  cause instanceof Error && cause.name === 'IllegalOperationError'
    ? new SagaError('broker-unavailable', `${message.messageId}: the channel is closing`, { cause })
    : new SagaError('broker-refused', `${message.messageId}: cannot be encoded`, { retry: 'never', cause })
