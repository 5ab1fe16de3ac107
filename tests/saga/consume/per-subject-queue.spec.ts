import { expect } from 'chai'
import { perSubjectQueue } from '../../../shared/saga/consume/per-subject-queue.ts'
import { deferred } from '../../support/deferred.ts'

const turn = () => new Promise<void>(resolve => setImmediate(resolve))

describe('lanes', () => {
  it('keep the work of one order in sequence, also after a failure', async () => {
    const order = perSubjectQueue()
    const seen: number[] = []
    const gate = deferred()
    const first = order.run('a', async () => {
      await gate.promise
      seen.push(1)
      throw new Error('first')
    })
    const second = order.run('a', async () => seen.push(2))
    await turn()
    expect(seen).to.deep.equal([])
    gate.resolve()
    expect(await first.catch(String)).to.equal('Error: first')
    await second
    expect(seen).to.deep.equal([1, 2])
  })

  it('let different orders run side by side', async () => {
    const order = perSubjectQueue()
    const gate = deferred()
    const slow = order.run('a', () => gate.promise)
    await order.run('b', async () => {})
    gate.resolve()
    await slow
  })

  it('run a suspect alone: after what runs, before what comes', async () => {
    const order = perSubjectQueue()
    const seen: string[] = []
    const gates = { before: deferred(), alone: deferred() }
    const before = order.run('a', async () => {
      await gates.before.promise
      seen.push('before')
    })
    const suspect = order.runAlone(async () => {
      seen.push('alone')
      await gates.alone.promise
      seen.push('over')
    })
    const after = order.run('b', async () => seen.push('after'))
    await turn()
    expect(seen).to.deep.equal([])
    gates.before.resolve()
    await turn()
    await turn()
    expect(seen).to.deep.equal(['before', 'alone'])
    gates.alone.resolve()
    await Promise.all([before, suspect, after])
    expect(seen).to.deep.equal(['before', 'alone', 'over', 'after'])
  })
})
