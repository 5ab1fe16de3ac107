import { expect } from 'chai'
import { admission } from '../../../../services/order/api/admission.ts'

describe('the admission of requests', () => {
  it('counts a place that is left twice once', async () => {
    const places = admission({ total: 2, perCaller: 2 })
    const [first, second] = [places.enter('ada'), places.enter('ada')]
    if (typeof first === 'string' || typeof second === 'string') throw new Error('no place')
    first.leave()
    first.leave()
    expect(places.enter('bob')).to.be.an('object')
    expect(places.enter('bob')).to.equal('full')
    second.leave()
    expect(places.enter('ada')).to.be.an('object')
  })

  it('is idle at once when nobody is in, and else when the last has left', async () => {
    const places = admission({ total: 2, perCaller: 2 })
    await places.idle()
    const slots = [places.enter('ada'), places.enter('bob')]
    let idle = false
    const waiting = places.idle().then(() => {
      idle = true
    })
    for (const slot of slots) {
      await new Promise(resolve => setImmediate(resolve))
      expect(idle).to.equal(false)
      if (typeof slot === 'object') slot.leave()
    }
    await waiting
  })
})
