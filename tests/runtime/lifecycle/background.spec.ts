import { expect } from 'chai'
import { backgroundWork } from '../../../shared/runtime/lifecycle/background.ts'
import { deferred } from '../../support/deferred.ts'

const turn = () => new Promise<void>(resolve => setImmediate(resolve))

describe('work in the background', () => {
  it('is waited for until none is left, also what was added meanwhile', async () => {
    const { add, idle } = backgroundWork()
    const [first, second] = [deferred(), deferred()]
    let over = false
    add(first.promise.then(() => add(second.promise)))
    const waiting = idle().then(() => {
      over = true
    })
    first.resolve()
    await turn()
    expect(over).to.equal(false)
    second.resolve()
    await waiting
    expect(over).to.equal(true)
  })

  it('is none when nothing was added', () => backgroundWork().idle())
})
