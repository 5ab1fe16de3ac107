import { expect } from 'chai'
import { PaymentVoided } from '../../../services/contract/payment.ts'
import type { Payment } from '../../../services/payment/domain.ts'
import { SagaError } from '../../../shared/runtime/errors.ts'
import { accept, ignore } from '../../../shared/saga/define/decision.ts'
import type { Change, SagaDocument } from '../../../shared/saga/document/document.ts'
import { initiate, relay } from '../../../shared/saga/process/initiate.ts'
import { newOrder } from '../../support/events.ts'
import { contextInMemory } from '../context-in-memory.ts'

const voiding = () => accept(PaymentVoided({}))
const voidOnce = ({ status }: Payment) => (status === 'none' ? voiding() : ignore('it is closed'))

describe('facts that no message caused', () => {
  it('are marked as unsent in the write that records them, and the mark goes once they are published', async () => {
    const { context, store, published, idle } = contextInMemory()
    const marks: unknown[] = []
    const noting = {
      ...store,
      commit: async (document: SagaDocument<Payment>, change: Change<Payment>) => {
        marks.push(change.unsent)
        return store.commit(document, change)
      },
    }
    const order = newOrder()
    const { accepted, document } = await initiate({ ...context, store: noting }, order, voidOnce)
    expect([accepted, document.state.status]).to.deep.equal([true, 'closed'])
    expect(marks).to.deep.equal([[`${order}:payment:1`]])
    await idle()
    expect(published.map(({ id }) => id)).to.deep.equal([`${order}:payment:1`])
    expect((await store.load(order))?.unsent).to.deep.equal([])
  })

  it('are not recorded when there is nothing to put on record', async () => {
    const { context, store, published, idle } = contextInMemory()
    const order = newOrder()
    const { accepted } = await initiate(context, order, () => ignore('nothing to do'))
    await idle()
    expect([accepted, await store.load(order), published]).to.deep.equal([false, undefined, []])
  })

  it('are decided anew on what somebody else wrote first, read only then when the subject is new', async () => {
    const { context, store } = contextInMemory()
    const order = newOrder()
    let reads = 0
    const counting = {
      ...store,
      load: async (subject: SagaDocument['subject']) => {
        reads += 1
        return store.load(subject)
      },
    }
    const counted = { ...context, store: counting }
    const seen: string[] = []
    const decide = (state: Payment) => {
      seen.push(state.status)
      return voidOnce(state)
    }
    await initiate(counted, order, decide, { isNew: true })
    expect([reads, seen]).to.deep.equal([0, ['none']])
    const { accepted } = await initiate(counted, order, decide, { isNew: true })
    expect([accepted, reads, seen]).to.deep.equal([false, 1, ['none', 'none', 'closed']])
  })

  for (const [code, rests] of [
    ['publish-rejected', true],
    ['publish-unconfirmed', true],
    ['broker-unavailable', false],
  ] as const)
    it(`keep their mark after ${code}, and the order ${rests ? 'rests' : 'does not rest'}`, async () => {
      const { context, store, refuse, idle } = contextInMemory()
      const order = newOrder()
      refuse(new SagaError(code, 'not now'))
      const { accepted } = await initiate(context, order, voidOnce)
      await idle()
      expect(accepted).to.equal(true)
      expect((await store.load(order))?.unsent).to.deep.equal([`${order}:payment:1`])
      expect(context.pauses.isPaused(order)).to.equal(rests)
    })

  it('end the rest of their order once they are sent', async () => {
    const { context, store, refuse, idle } = contextInMemory()
    const order = newOrder()
    refuse(new SagaError('publish-rejected', 'full'))
    const { document } = await initiate(context, order, voidOnce)
    await idle()
    refuse(undefined)
    expect(await relay(context, order, [])).to.equal(false)
    expect(context.pauses.isPaused(order)).to.equal(true)
    expect(await relay(context, order, document.events as never)).to.equal(true)
    expect(context.pauses.isPaused(order)).to.equal(false)
    expect((await store.load(order))?.unsent).to.deep.equal([])
  })
})
