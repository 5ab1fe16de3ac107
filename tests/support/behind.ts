import type { Broker, OutgoingMessage } from '../../shared/messaging/broker.ts'

/** So much newer is every event than what an instance that is behind knows. */
const ahead = 500

/**
 * The broker as an instance of an older release sees it: whatever comes has a version that it does not know.
 * What it sends on goes out as it came.
 */
export const behind = (broker: Broker): Broker => ({
  publisher: () => {
    const publisher = broker.publisher()
    return {
      publish: message => publisher.publish(asItCame(message)),
      close: ms => publisher.close(ms),
      get connected() {
        return publisher.connected
      },
    }
  },
  consumer: options =>
    broker.consumer({
      ...options,
      onDelivery: delivery => options.onDelivery({ ...delivery, body: changed(delivery.body, ahead) }),
    }),
})

const asItCame = (message: OutgoingMessage): OutgoingMessage => ({
  ...message,
  body: changed(message.body, -ahead),
})

type Element = { dataversion?: number }

/**
 * The body with the version of each event changed by so much; one that has none, as a notice, or would have
 * none, stays.
 */
const changed = (body: Buffer, by: number): Buffer => {
  const json = JSON.parse(body.toString()) as Element | Element[]
  return Buffer.from(JSON.stringify(Array.isArray(json) ? json.map(one => later(one, by)) : later(json, by)))
}

const later = (element: Element, by: number): Element => {
  const version = (element.dataversion ?? 0) + by
  return element.dataversion === undefined || version < 1 ? element : { ...element, dataversion: version }
}
