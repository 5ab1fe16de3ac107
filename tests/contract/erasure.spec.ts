import { expect } from 'chai'
import { z } from 'zod'
import { readSealed } from '../../reference/seals.ts'
import { shop } from '../../services/contract/shop.ts'
import { erasedEvent } from '../../shared/contract/erasure.ts'
import { checked, type Recorded, sensitive } from '../../shared/contract/event.ts'

const golden = readSealed(new URL('../../../tests/contract/golden/', import.meta.url))
const recorded = [...golden.files].map(([file, text]) => {
  const { type, dataversion, data } = JSON.parse(text)
  return {
    file,
    event: { type, version: Number(dataversion), data, note: false, id: 'x' } as unknown as Recorded,
  }
})
const private_ = /"(paymentToken|name|line1|city|postalCode|country)":"(?!(tok_)?erased")/

describe('an erased event', () => {
  it('is found among the recorded ones', () => {
    expect(recorded.filter(({ event }) => private_.test(JSON.stringify(event)))).to.have.length.above(2)
  })

  for (const { file, event } of recorded)
    it(`says nothing of address and token, and keeps all else: ${file}`, () => {
      const erased = erasedEvent(shop, event)
      expect(JSON.stringify(erased)).to.not.match(private_)
      const { paymentToken, shipTo, ...rest } = event.data as Record<string, unknown>
      expect(erased).to.deep.include({ id: event.id, type: event.type, version: event.version })
      expect(erased.data).to.deep.include(rest)
      expect(Object.keys(erased.data as object)).to.deep.equal(Object.keys(event.data as object))
      expect(erasedEvent(shop, erased)).to.deep.equal(erased)
    })

  for (const { file, event } of recorded.filter(
    one => one.event.version === shop.definitionOf(one.event.type)?.version,
  ))
    it(`is still one of its type, so that it can be sent again: ${file}`, () => {
      const definition = shop.definitionOf(event.type)
      if (!definition) throw new Error(`${event.type} is not in the contract`)
      expect(() => checked(definition, erasedEvent(shop, event).data)).to.not.throw()
    })

  it('leaves a note of a service as it is', () => {
    const note = { type: 'order.submitted', data: { deadline: 1 } } as unknown as Recorded
    expect(erasedEvent(shop, note)).to.equal(note)
  })

  it('cannot be defined so that its schema refuses it', () => {
    expect(() => sensitive(z.string().min(3), 'x')).to.throw()
  })
})
