import { type Decoded, decode, type Envelope, encodeRaw, headingIn } from '../../contract/envelope.ts'
import type { Heading } from '../../contract/event.ts'
import type { Notice } from '../../contract/notice.ts'
import type { Event } from '../../contract/registry.ts'
import type { Delivery, Publisher } from '../../messaging/broker.ts'
import { causeIn, codeOf, isStoreAway, SagaError } from '../../runtime/errors.ts'
import { handle, handleUnread } from '../handle.ts'
import type { Kernel } from '../kernel.ts'
import { markDead, markSuspect } from '../park.ts'
import { copyOf } from './copy.ts'
import type { Lanes } from './lanes.ts'
import { tracedHandling } from './message-spans.ts'
import { type Ladder, type Result, type Settlement, settle } from './settle.ts'
import { settlingOf } from './settling.ts'
import { troubleOf } from './trouble.ts'

/** From the third delivery on, whatever is in the message may be what killed the process. */
const suspectAfter = 2
const maxSuspectTries = 3

export type Intake<S = unknown> = {
  readonly kernel: Kernel<S>
  readonly publisher: Publisher
  readonly lanes: Lanes
  readonly ladder: Ladder
}

/** One event of a delivery on its way, and the body that it has when it travels alone. */
type Item = {
  readonly decoded: Decoded
  readonly alone: () => Envelope
  readonly suspect: boolean
  /** This attempt at a suspect is on record: going on after a pause is the same attempt, for the process lives. */
  counted: boolean
}

/** What became of a delivery. It is held while a dependency is away: `again` goes on with what is left of it. */
export type Settled = 'acked' | Held
export type Held = { readonly again: () => Promise<Settled> }

/**
 * Takes one delivery through the protocol and settles it: it is acknowledged only when each of its events is applied, known, waiting in
 * a confirmed copy or parked in a confirmed copy. Otherwise it is held, with what is left of it. Never throws.
 */
export const takeIn = async <S>(intake: Intake<S>, delivery: Delivery): Promise<Settled> => {
  const items = itemsOf(delivery)
  intake.kernel.observer.taken(items.length)
  return takeItems(intake, delivery, items)
}

const takeItems = async <S>(
  intake: Intake<S>,
  delivery: Delivery,
  items: readonly Item[],
): Promise<Settled> => {
  const { inWork } = intake.kernel
  await inWork.enter(items.length)
  try {
    // No sooner than the last of them: what is held may not be worked on any more.
    const isLeft = await Promise.all(items.map(item => isHeld(intake, delivery, item)))
    const left = items.filter((_, i) => isLeft[i])
    if (left.length > 0) return { again: () => takeItems(intake, delivery, left) }
    delivery.ack()
    return 'acked'
  } finally {
    inWork.leave(items.length)
  }
}

const isHeld = async <S>(intake: Intake<S>, delivery: Delivery, item: Item): Promise<boolean> => {
  try {
    return (await takeItem(intake, delivery, item)).do === 'hold'
  } catch (error) {
    const { messageId } = delivery
    intake.kernel.log.warn('a delivery is held', { messageId, code: codeOf(error), ...causeIn(error) })
    return true
  }
}

const itemsOf = (delivery: Delivery): Item[] => {
  const begun = { suspect: delivery.earlierDeliveries >= suspectAfter, counted: false }
  const whole = { body: delivery.body, contentType: delivery.contentType ?? '' }
  try {
    const items = decode(delivery.body, delivery.contentType)
    if (items.length === 1 && items[0]) return [{ decoded: items[0], alone: () => whole, ...begun }]
    return items.map(decoded => ({ decoded, alone: () => envelopeOf(decoded, whole), ...begun }))
  } catch (error) {
    const refusal =
      error instanceof SagaError ? error : new SagaError('body-unreadable', 'undecodable', { retry: 'never' })
    return [{ decoded: { error: refusal, json: undefined }, alone: () => whole, ...begun }]
  }
}

/**
 * As it came: in the newest version it could not be read by older instances. What cannot be written down again, or grows by it, stays
 * in its whole envelope: what was read fits the broker.
 */
const envelopeOf = ({ json }: Decoded, whole: Envelope): Envelope => {
  try {
    const alone = encodeRaw(json)
    return alone.body.length <= whole.body.length ? alone : whole
  } catch {
    return whole
  }
}

const takeItem = async <S>(intake: Intake<S>, delivery: Delivery, item: Item): Promise<Settlement> => {
  const { kernel } = intake
  const since = kernel.clock.monotonic()
  const result = await resultOf(intake, delivery, item)
  const attempts = delivery.headers['x-attempt'] ?? 0
  const settlement = settle(result, attempts, intake.ladder, failingMs(kernel, result, delivery))
  const seen = () => kernel.observer.settled(settlingOf(result, settlement, item, timesOf(kernel, since)))
  if (settlement.do === 'ack' || settlement.do === 'hold') {
    seen()
    return settlement
  }
  if ((await recordGivenUp(intake, delivery, item, settlement)) === 'handled')
    return takeItem(intake, delivery, item)
  report(intake, delivery, item, settlement)
  const part = { decoded: item.decoded, envelope: item.alone() }
  const about = { service: kernel.service.name, at: kernel.clock.now() }
  await intake.publisher.publish(copyOf(delivery, part, settlement, about))
  // After the copy and before the acknowledgement: a crash in between tells it twice and never not at all.
  await tell(kernel, troubleOf(delivery, part, settlement, about))
  seen()
  return settlement
}

const timesOf = ({ clock }: Kernel, since: number) => ({ ms: clock.monotonic() - since, now: clock.now() })

/** Between half of the time since the first failure and all of it, so that what failed together does not come again together. */
const failingMs = ({ clock, random }: Kernel, { kind }: Result, { headers }: Delivery): number => {
  const since = Date.parse(headers['x-first-failed-at'] ?? '')
  if (kind !== 'unfinished' || Number.isNaN(since)) return 0
  return ((clock.now() - since) * (100 + random.int(101))) / 200
}

// The broker lets only the owner of a type use its key. Under the key of an inbox comes what its service or an operator sent back.
// What waits comes back under that key, so that nothing forged may wait, whether it can be read here or not.
const isForged = ({ key, queue }: Delivery, { type }: Heading) => key !== type && key !== queue

const resultOf = async <S>(intake: Intake<S>, delivery: Delivery, item: Item): Promise<Result> => {
  const { decoded } = item
  const heading = headingIn(decoded)
  if (heading && isForged(delivery, heading)) return { kind: 'poison', code: 'event-forged' }
  const from = { queue: delivery.queue, resend: delivery.headers['x-resend'], item }
  try {
    if ('event' in decoded) return await react(intake, decoded.event, from)
    if (decoded.newer) return await reactUnread(intake, decoded.newer, from)
    return { kind: 'poison', code: decoded.error.code }
  } catch (error) {
    if (isStoreAway(error)) return { kind: 'down', code: codeOf(error) }
    if (!('event' in decoded)) return { kind: 'newer', code: codeOf(error) }
    const retry = error instanceof SagaError ? error.retry : 'later'
    return { kind: 'failed', code: codeOf(error), retry }
  }
}

type From = { readonly queue: string; readonly resend: string | undefined; readonly item: Item }

const react = <S>({ kernel, lanes }: Intake<S>, event: Event, { queue, resend, item }: From) => {
  const input = { event, resend }
  const work = () =>
    tracedHandling({ service: kernel.service.name, queue }, input, traced => handle(kernel, traced))
  if (!item.suspect) return lanes.run(event.orderId, work)
  return lanes.alone(async () => {
    if (!item.counted) await markSuspect(kernel, input, maxSuspectTries)
    item.counted = true
    return work()
  })
}

/** What cannot be read here takes no process down, so that it is no suspect. */
const reactUnread = async <S>({ kernel, lanes }: Intake<S>, event: Heading, from: From): Promise<Result> => {
  const about = { service: kernel.service.name, queue: from.queue }
  const work = () =>
    tracedHandling(about, { event, resend: from.resend }, traced => handleUnread(kernel, traced))
  return (await lanes.run(event.orderId, work)) ?? { kind: 'newer', code: 'event-newer' }
}

/**
 * Writes down that the event is given up when that has to be on record before it is parked. `handled`: it was
 * applied after all, so it is not parked.
 */
const recordGivenUp = async <S>(
  { kernel }: Intake<S>,
  delivery: Delivery,
  { decoded }: Item,
  settlement: Settlement,
): Promise<'marked' | 'handled' | 'not-needed'> => {
  if (settlement.do !== 'park' || !settlement.mark || !('event' in decoded)) return 'not-needed'
  const input = { event: decoded.event, resend: delivery.headers['x-resend'] }
  return markDead(kernel, input, settlement.reason)
}

const tell = async (kernel: Kernel, trouble: Notice | undefined): Promise<void> => {
  if (trouble) await kernel.tell(trouble)
}

const report = <S>({ kernel }: Intake<S>, delivery: Delivery, { decoded }: Item, settlement: Settlement) => {
  const heading = headingIn(decoded)
  const about = heading ? { event: heading.id, order: heading.orderId } : {}
  const { do: what, ...rest } = settlement
  kernel.log.warn(what === 'park' ? 'parked' : 'waits for another attempt', {
    ...about,
    messageId: delivery.messageId,
    type: delivery.type,
    ...rest,
  })
}
