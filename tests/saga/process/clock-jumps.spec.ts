import { expect } from 'chai'
import type { Recorded } from '../../../shared/contract/event.ts'
import type { SubjectId } from '../../../shared/contract/ids.ts'
import { within } from '../../../shared/runtime/time/clock.ts'
import { periodically } from '../../../shared/runtime/time/periodic.ts'
import type { SagaContext } from '../../../shared/saga/context.ts'
import { blank } from '../../../shared/saga/document/document.ts'
import type { Store } from '../../../shared/saga/document/store.ts'
import { unobserved } from '../../../shared/saga/observe/observer.ts'
import { pausesOf } from '../../../shared/saga/pauses.ts'
import { dueSweep } from '../../../shared/saga/process/due-sweep.ts'
import { sweepUnsent } from '../../../shared/saga/process/sweep.ts'
import { circuitBreaker } from '../../../shared/storage/redis/circuit-breaker.ts'
import { anEvent, newOrder } from '../../support/events.ts'
import { logInto } from '../../support/log.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { seededRandom } from '../../support/seeded-random.ts'

const hour = 3_600_000

for (const [how, jump] of [
  ['back', -hour],
  ['forward', hour],
] as const)
  describe(`when the clock of the machine is set ${how} by an hour`, () => {
    const given = () => {
      const clock = manualClock(Date.UTC(2030, 0, 1))
      return { clock, random: seededRandom(1), log: logInto([]) }
    }

    it('what is marked as unsent is sent as soon as ever', async () => {
      const world = given()
      const { clock } = world
      const subject: SubjectId = newOrder()
      const at = new Date(clock.now()).toISOString()
      const event = { ...anEvent('order.placed'), subject, at } as Recorded
      const document = { ...blank(subject, {}), events: [event], unsent: [event.id] }
      const store = { unsent: async () => [document], clearUnsent: async () => {} } as unknown as Store
      const sent: string[] = []
      const context = {
        ...{
          ...world,
          store,
          observer: unobserved,
          pauses: pausesOf(world, 10),
          reportNotice: async () => {},
        },
        service: { name: 'order' },
        publish: async (events: readonly { id: string }[]) => void sent.push(...events.map(({ id }) => id)),
      } as unknown as SagaContext
      clock.set(jump)
      await clock.advance(5_000)
      await sweepUnsent(context, 5_000)
      expect(sent).to.deep.equal([event.id])
    })

    it('what failed is left alone no longer', async () => {
      const { clock, ...world } = given()
      const pauses = pausesOf({ clock, ...world }, 10)
      const order = newOrder()
      pauses.failed(order, 'publish-rejected')
      clock.set(jump)
      expect(pauses.isPaused(order)).to.equal(true)
      await clock.advance(5_000)
      expect(pauses.isPaused(order)).to.equal(false)
    })

    it('a circuit pauses no longer and no shorter', async () => {
      const { clock } = given()
      const guarded = circuitBreaker(clock, { answerMs: 50, pauseMs: 1_000 }, () => {})
      await guarded(() => Promise.reject(new Error('away')), 'nothing')
      clock.set(jump)
      const ask = () => guarded(async () => 'something', 'nothing')
      expect(await ask()).to.equal('nothing')
      await clock.advance(1_000)
      expect(await ask()).to.equal('something')
    })

    it('the sweep of what is due looks as often as ever', async () => {
      const { clock, log } = given()
      const asked: number[] = []
      const due = async () => {
        asked.push(clock.monotonic())
        return []
      }
      const store = { due, commit: async () => 'committed' } as unknown as Store
      const periodic = dueSweep(clock).start({ clock, log, store } as unknown as SagaContext, periodically)
      await clock.advance(1)
      clock.set(jump)
      await clock.advance(20_000)
      expect(asked.length).to.be.within(4, 6)
      await periodic.stop()
    })

    it('a wait ends in its time', async () => {
      const { clock } = given()
      let ended: unknown
      void within(clock, 1_000, new Promise(() => {})).then(end => {
        ended = end
      })
      clock.set(jump)
      await clock.advance(1_000)
      expect(ended).to.equal('late')
    })
  })
