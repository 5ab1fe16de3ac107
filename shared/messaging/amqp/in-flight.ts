import { SagaError } from '../../runtime/errors.ts'
import type { OutgoingMessage } from '../broker.ts'

/** One call of `publish` that waits for its end. */
export type PendingPublish = {
  readonly message: OutgoingMessage
  readonly resolve: () => void
  readonly reject: (error: SagaError) => void
  /** When it began to wait: for its turn, and from sending on for its confirm. */
  since: number
  /** The broker said that no queue takes it; its confirm follows. */
  unroutable: boolean
  /** Its caller got the error that nobody knows; only its place in the window is still taken. */
  late: boolean
}

/** Everything that went out on one channel and is not confirmed, in the order of sending. */
export type InFlight = {
  readonly size: number
  add(pending: PendingPublish): void
  remove(pending: PendingPublish): void
  /**
   * The broker returned a message. Equal ones come back in the order in which they went out, each before its
   * confirm.
   */
  returned(messageId: string, exchange: string, key: string): void
  /** Fails the callers of all that went out before `instant`; true when there were any. */
  expire(instant: number): boolean
  /** When the oldest of those whose callers still wait went out. */
  oldest(): number | undefined
  all(): Iterable<PendingPublish>
}

const routeOf = (messageId: string, exchange: string, key: string) => `${messageId}\n${exchange}\n${key}`

export const inFlight = (): InFlight => {
  const pendings = new Set<PendingPublish>()
  const byRoute = new Map<string, Set<PendingPublish>>()
  const route = ({ message }: PendingPublish) => routeOf(message.messageId, message.exchange, message.key)
  return {
    get size() {
      return pendings.size
    },
    add: pending => {
      pendings.add(pending)
      const same = byRoute.get(route(pending))
      if (same) same.add(pending)
      else byRoute.set(route(pending), new Set([pending]))
    },
    remove: pending => {
      pendings.delete(pending)
      const same = byRoute.get(route(pending))
      if (same?.delete(pending) && same.size === 0) byRoute.delete(route(pending))
    },
    returned: (messageId, exchange, key) => {
      for (const pending of byRoute.get(routeOf(messageId, exchange, key)) ?? []) {
        if (pending.unroutable) continue
        pending.unroutable = true
        return
      }
    },
    expire: instant => {
      let any = false
      for (const pending of pendings) {
        if (pending.since > instant) break
        if (pending.late) continue
        any = true
        pending.late = true
        pending.reject(unconfirmed(pending.message, 'no confirm in time'))
      }
      return any
    },
    oldest: () => {
      for (const pending of pendings) if (!pending.late) return pending.since
      return undefined
    },
    all: () => pendings,
  }
}

/** The error for a message that was not confirmed, given what the driver called back with. */
export const refusalOf = (message: OutgoingMessage, error: unknown, failure: Error | undefined): SagaError =>
  isNack(error) ? rejected(message) : lossOf(message, failure)

/** amqplib calls back with an error for a nack and for the end of the channel; only their texts differ. */
const isNack = (error: unknown): boolean => error instanceof Error && error.message === 'message nacked'

/** A queue did not take it; nobody knows of the others that it belongs in. */
const rejected = ({ messageId, exchange, key }: OutgoingMessage): SagaError =>
  new SagaError('publish-rejected', `${messageId}: ${exchange} ${key} was rejected`)

/** Nobody knows whether the broker took it. */
export const unconfirmed = (message: OutgoingMessage, why: string, cause?: unknown): SagaError =>
  new SagaError('publish-unconfirmed', `${message.messageId}: ${why}`, { cause })

/** The error for a message whose channel ended, given why the broker closed the channel, if it did. */
export const lossOf = (message: OutgoingMessage, failure: Error | undefined): SagaError =>
  failure && refuses(failure, message)
    ? new SagaError('broker-refused', `${message.exchange} ${message.key}: ${failure.message}`, {
        cause: failure,
      })
    : unconfirmed(message, 'not confirmed', failure)

const refusals: readonly unknown[] = [403, 404]

// One bad publish ends the channel of all, but the broker names what it refused, so its neighbours are not
// blamed.
const refuses = (failure: Error, { exchange, key }: OutgoingMessage): boolean => {
  const { message } = failure
  if (!('code' in failure) || !refusals.includes(failure.code)) return false
  if (!message.includes("exchange '")) return true
  return (
    message.includes(`exchange '${exchange || 'amq.default'}'`) &&
    (!message.includes("topic '") || message.includes(`topic '${key}'`))
  )
}
