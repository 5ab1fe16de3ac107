import { type Decoded, type Envelope, headerOf } from '../../contract/envelope.ts'
import type { Delivery, Headers, OutgoingMessage } from '../../messaging/broker.ts'
import { briefOf, type ErrorDetail } from '../../runtime/error-report.ts'
import type { Service } from '../define/service.ts'
import type { Disposition } from './disposition.ts'

/**
 * One event of a delivery, or what could not be decoded as one, with the body that it has when it travels
 * alone.
 */
export type DeliveryPart = { readonly decoded: Decoded; readonly envelope: Envelope }

/** Who speaks of it, and when (ms). */
export type NoticeSource = { readonly service: Pick<Service, 'saga' | 'name'>; readonly at: number }

type Elsewhere = Extract<Disposition, { do: 'wait' | 'park' }>

/**
 * The copy that waits for its next attempt or is parked: alone, under its own id, with where it came from and
 * what happened so far. No other header is taken over: a copied `x-death` would make the broker drop the
 * message as a cycle.
 */
export const retryCopyOf = (
  delivery: Delivery,
  { decoded, envelope }: DeliveryPart,
  settlement: Elsewhere,
  { service: { saga, name }, at }: NoticeSource,
): OutgoingMessage => {
  const event = headerOf(decoded)
  const subject = event?.subject ?? delivery.correlationId
  return {
    ...envelope,
    ...(settlement.do === 'park'
      ? { exchange: saga.names.exchanges.deadLetters, key: name }
      : { exchange: saga.names.waitOf(settlement.ms), key: delivery.queue }),
    type: event?.type ?? delivery.type ?? 'unknown',
    messageId: event?.id ?? delivery.messageId ?? 'unknown',
    ...(subject !== undefined && { correlationId: subject }),
    headers: headersOf(delivery, settlement, at),
  }
}

const headersOf = ({ headers, type, key, queue }: Delivery, settlement: Elsewhere, at: number): Headers => ({
  'x-attempt': settlement.do === 'park' ? settlement.attempts : settlement.attempt,
  'x-first-failed-at': headers['x-first-failed-at'] ?? new Date(at).toISOString(),
  'x-reason': settlement.reason,
  ...errorHeaders(briefIn(headers, settlement)),
  'x-origin-key': headers['x-origin-key'] ?? (key === queue ? type : undefined) ?? key,
  ...(headers['x-resend'] !== undefined && { 'x-resend': headers['x-resend'] }),
})

/**
 * What is known of the error; of one that came back for the same reason without it, what stood on it before.
 * Pure.
 */
export const briefIn = (
  headers: Headers,
  { reason, report }: Pick<Elsewhere, 'reason' | 'report'>,
): ErrorDetail => {
  if (report) return briefOf(report)
  if (headers['x-reason'] !== reason) return {}
  const { 'x-error': error, 'x-error-at': errorAt } = headers
  return briefOf({ error, errorAt })
}

const errorHeaders = ({ error, errorAt }: ErrorDetail): Headers => ({
  ...(error !== undefined && { 'x-error': error }),
  ...(errorAt !== undefined && { 'x-error-at': errorAt }),
})
