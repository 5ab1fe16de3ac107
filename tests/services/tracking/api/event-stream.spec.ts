import { expect } from 'chai'
import { eventStream } from '../../../../services/tracking/api/event-stream.ts'
import type { OrderWatchers } from '../../../../services/tracking/api/order-watchers.ts'
import { type TrackedOrder, withEntries } from '../../../../services/tracking/domain.ts'
import { SagaError } from '../../../../shared/runtime/errors.ts'
import { silentLog } from '../../../../shared/runtime/telemetry/log.ts'
import { cancelledStory, freshOrder } from '../entries.ts'
import { parseEvents } from './streamed.ts'

type Load = () => Promise<TrackedOrder | undefined>

/**
 * The stream of an order whose loads answer one after the other, with the number of those who watch for news.
 */
const streamOf = (loads: readonly Load[], lastEventId?: string) => {
  const left = [...loads]
  let watching = 0
  const news: OrderWatchers = {
    notify: () => {},
    watch: () => {
      watching += 1
      const end = () => {
        watching -= 1
      }
      return { next: async () => 'news', end }
    },
  }
  const over = new AbortController()
  const load = async () => {
    const next = left.shift()
    if (!next) over.abort()
    return next?.()
  }
  const streaming = { load, news, log: silentLog, heartbeatMs: 60_000, signal: over.signal }
  const texts = eventStream(streaming, freshOrder(), lastEventId)
  return { texts, watching: () => watching }
}

const all = async (texts: AsyncGenerator<string, void>): Promise<string[]> => {
  let text = ''
  for await (const some of texts) text += some
  return parseEvents(text).flatMap(({ id }) => (id === undefined ? [] : [id]))
}

describe('the stream of events about an order', () => {
  const orderId = freshOrder()
  const story = cancelledStory(orderId)
  const order = withEntries(undefined, orderId, story)
  const [, second, third] = story
  const loaded: Load = async () => order
  const rest = story.slice(2).map(({ id }) => id)

  it('watches for nobody who left before the first event', async () => {
    const { texts, watching } = streamOf([loaded])
    await texts.next()
    expect(watching()).to.equal(1)
    await texts.return()
    expect(watching()).to.equal(0)
  })

  it('begins after the last event that the client has', async () => {
    expect(await all(streamOf([loaded], second?.id).texts)).to.deep.equal(rest)
  })

  it('begins there too when the store did not answer at first', async () => {
    const away: Load = () => Promise.reject(new SagaError('store-unavailable', 'away'))
    expect(await all(streamOf([away, loaded], second?.id).texts)).to.deep.equal(rest)
  })

  it('begins there too when nobody had told of the order at first', async () => {
    expect(await all(streamOf([async () => undefined, loaded], second?.id).texts)).to.deep.equal(rest)
  })

  it('tells what came while the client was connected, and once', async () => {
    const some = withEntries(undefined, orderId, story.slice(0, 3))
    expect(await all(streamOf([async () => some, loaded], second?.id).texts)).to.deep.equal([
      third?.id,
      ...story.slice(3).map(({ id }) => id),
    ])
  })
})
