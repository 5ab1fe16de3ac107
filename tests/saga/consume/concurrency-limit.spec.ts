import { expect } from 'chai'
import { concurrencyLimit } from '../../../shared/saga/consume/concurrency-limit.ts'

const turn = () => new Promise<void>(resolve => setImmediate(resolve))

describe('the events in work', () => {
  const entering = () => {
    const entered: string[] = []
    const work = concurrencyLimit(10)
    const enter = (name: string, events: number) => void work.enter(events).then(() => entered.push(name))
    return { work, enter, entered }
  }

  it('let deliveries in while there is room, and further ones in their order as others leave', async () => {
    const { work, enter, entered } = entering()
    enter('first', 6)
    enter('second', 4)
    enter('third', 3)
    enter('fourth', 1)
    await turn()
    expect(entered).to.deep.equal(['first', 'second'])
    expect(work.hasRoom()).to.equal(false)
    work.leave(4)
    await turn()
    expect(entered).to.deep.equal(['first', 'second', 'third', 'fourth'])
  })

  it('let nobody pass a delivery that waits, small as he may be', async () => {
    const { work, enter, entered } = entering()
    enter('first', 6)
    enter('large', 8)
    enter('small', 1)
    await turn()
    expect(entered).to.deep.equal(['first'])
    work.leave(6)
    await turn()
    expect(entered).to.deep.equal(['first', 'large', 'small'])
  })

  it('count a call that goes on without its message, and so take in less', async () => {
    const { work, enter, entered } = entering()
    enter('first', 10)
    work.add()
    work.leave(10)
    enter('as many again', 10)
    await turn()
    expect(work.events).to.equal(1)
    expect(entered).to.deep.equal(['first'])
    work.leave(1)
    await turn()
    expect(entered).to.deep.equal(['first', 'as many again'])
  })

  it('let in what is larger than the limit when nothing else is in work', async () => {
    const { enter, entered } = entering()
    enter('larger than all', 32)
    await turn()
    expect(entered).to.deep.equal(['larger than all'])
  })
})
