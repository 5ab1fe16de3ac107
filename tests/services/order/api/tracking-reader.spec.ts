import { createServer } from 'node:http'
import { expect } from 'chai'
import { freePort } from '../../../../local/bring-up/ports.ts'
import { orderIdOf } from '../../../../services/contract/ids.ts'
import { trackingFrom } from '../../../../services/order/api/tracking-reader.ts'
import { closeServer, listenAt } from '../../../../shared/runtime/http/listen.ts'
import { manualClock } from '../../../support/manual-clock.ts'
import { eventually } from './raw-client.ts'

const orderId = orderIdOf('0'.repeat(26))

describe('the reader of tracking', () => {
  let begun = 0
  let url = ''
  // It begins every answer and never ends one.
  const tracking = createServer((_, response) => {
    begun += 1
    response.writeHead(200, { 'content-type': 'application/json' }).write('{')
  })
  before(async () => {
    const { port } = await listenAt(tracking, { port: await freePort(), host: '127.0.0.1', variable: 'x' })
    url = `http://127.0.0.1:${port}`
  })
  after(async () => {
    const closed = closeServer(tracking)
    tracking.closeAllConnections()
    await closed
  })

  for (const [what, read] of [
    ['a list', reader => reader.list(new URLSearchParams())],
    ['a timeline', reader => reader.timeline(orderId, { operator: true })],
  ] as [string, (reader: ReturnType<typeof trackingFrom>) => Promise<unknown>][])
    it(`stops waiting for ${what} that begins and does not end`, async () => {
      const clock = manualClock()
      const before = begun
      let outcome: unknown
      void read(trackingFrom(url, { clock })).then(answer => {
        outcome = answer
      })
      await eventually(() => begun > before, 'the call')
      // Begun after it, and so its head comes later.
      await (await fetch(url)).body?.cancel()
      await eventually(async () => {
        await clock.advance(5_000)
        return outcome !== undefined
      }, 'the end of the wait')
      expect(outcome).to.equal('unavailable')
    })

  it('waits as long as it takes for what comes in a stream that has begun', async () => {
    const clock = manualClock()
    const stream = await trackingFrom(url, { clock }).follow(orderId, {
      operator: true,
      lastEventId: undefined,
    })
    if (typeof stream === 'string') throw new Error(stream)
    expect(clock.waiting(), 'timers left').to.equal(0)
    stream.destroy()
  })
})
