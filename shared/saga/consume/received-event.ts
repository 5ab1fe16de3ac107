import { type Decoded, decode, type Envelope, encodeRaw } from '../../contract/envelope.ts'
import type { EventHeader } from '../../contract/event.ts'
import type { Saga } from '../../contract/saga.ts'
import type { Delivery } from '../../messaging/broker.ts'
import { SagaError } from '../../runtime/errors.ts'

/** From the third delivery on, whatever is in the message may be what killed the process. */
const suspectAfter = 2

/**
 * One event of a delivery on its way through the pipeline, and the body that it has when it travels alone.
 */
export type ReceivedEvent = {
  readonly delivery: Delivery
  readonly decoded: Decoded
  readonly alone: () => Envelope
  readonly suspect: boolean
  /**
   * This attempt at a suspect is on record: going on after a pause is the same attempt, for the process
   * lives.
   */
  counted: boolean
}

/** The event as the protocol takes it, with the re-send id of its delivery. */
export const inputOf = <E extends EventHeader>({ delivery }: ReceivedEvent, event: E) => ({
  event,
  resend: delivery.headers['x-resend'],
})

/** Every event of the delivery, decoded or refused on its own. Pure; never throws. */
export const receivedEvents = (saga: Saga, delivery: Delivery): ReceivedEvent[] => {
  const begun = { delivery, suspect: delivery.earlierDeliveries >= suspectAfter, counted: false }
  const whole = { body: delivery.body, contentType: delivery.contentType ?? '' }
  const all = decoded(saga, delivery)
  if (all.length === 1 && all[0]) return [{ decoded: all[0], alone: () => whole, ...begun }]
  return all.map(one => ({ decoded: one, alone: () => envelopeOf(one, whole), ...begun }))
}

const decoded = (saga: Saga, { body, contentType }: Delivery): Decoded[] => {
  try {
    return decode(saga, body, contentType)
  } catch (error) {
    const refusal =
      error instanceof SagaError ? error : new SagaError('body-unreadable', 'undecodable', { retry: 'never' })
    return [{ error: refusal, json: undefined }]
  }
}

/**
 * As it came: in the newest version it could not be read by older instances. What cannot be written down
 * again, or grows by it, stays in its whole envelope: what was read fits the broker.
 */
const envelopeOf = ({ json }: Decoded, whole: Envelope): Envelope => {
  try {
    const alone = encodeRaw(json)
    return alone.body.length <= whole.body.length ? alone : whole
  } catch {
    return whole
  }
}
