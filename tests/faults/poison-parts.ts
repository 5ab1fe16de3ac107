import { type Event, shop } from '../../services/contract/shop.ts'
import { batchType, encode } from '../../shared/contract/envelope.ts'
import { type Raw, rawOf, reserved } from './payment-inbox.ts'

/**
 * Something bad for the inbox: what is sent, and what the dead letters get of it. Without `parked` it is
 * settled without a dead letter.
 */
export type Poison = {
  readonly name: string
  readonly raw: () => Raw
  /** The reason, and the bytes when they are other than those sent. */
  readonly parked?: {
    readonly reason: string
    readonly body?: (sent: Buffer) => Buffer
    readonly id?: string
  }
}

/** The JSON of an event as an object that may be changed. */
export const jsonOf = (event: Event): Record<string, unknown> =>
  JSON.parse(encode(shop, [event]).body.toString())
export const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

/** A message with a usual frame and these bytes. */
export const bytes = (body: Buffer, properties: Raw['properties'] = {}): Raw => ({
  ...rawOf(reserved(), properties),
  body,
})

/** An `inventory.reserved` whose JSON was changed. */
export const changed = (change: (event: Record<string, unknown>) => unknown): Raw => {
  const event = reserved()
  return { ...rawOf(event), body: json(change(jsonOf(event))) }
}
export const changedData = (data: Record<string, unknown>): Raw =>
  changed(event => ({ ...event, data: { ...(event.data as object), ...data } }))

/**
 * JSON text with this text spliced into the data, for keys and depths that JSON.stringify would not write.
 */
export const spliced = (text: string): Raw => {
  const event = reserved()
  return {
    ...rawOf(event),
    body: Buffer.from(JSON.stringify(jsonOf(event)).replace('"data":{', `"data":{${text},`)),
  }
}

/** Nothing readable, under these headers. */
export const withHeaders = (headers: Record<string, unknown>): Raw =>
  bytes(Buffer.from('no json'), { headers })

/** A list of lists of lists. */
export const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
/** The reasons that poison is parked for. */
export const unreadable = { reason: 'body-unreadable' }
export const newer = { reason: 'event-newer' }
export const unknown = { reason: 'event-unknown' }
export const forged = { reason: 'event-forged' }
export const invalid = { reason: 'event-invalid' }

/** A batch of these texts. */
export const batchOf = (...elements: string[]): Raw => ({
  ...rawOf(reserved(), { contentType: batchType }),
  body: Buffer.from(`[${elements.join(',')}]`),
})
export const goodElement = () => JSON.stringify(jsonOf(reserved()))
