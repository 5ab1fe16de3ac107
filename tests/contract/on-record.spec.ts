import { expect } from 'chai'
import { readSealed } from '../../reference/seals.ts'
import { shop } from '../../services/contract/shop.ts'
import type { Recorded } from '../../shared/contract/event.ts'
import { asKnown, isKnown } from '../../shared/contract/on-record.ts'

const golden = readSealed(new URL('../../../tests/contract/golden/', import.meta.url))
const onRecord = [...golden.files].map(([file, text]) => {
  const { type, dataversion: version, data } = JSON.parse(text)
  return { file, event: { type, version, data, note: false, id: 'x' } as unknown as Recorded }
})

describe('an event on record', () => {
  for (const { file, event } of onRecord)
    it(`is read as this release knows it: ${file}`, () => {
      const definition = shop.definitionOf(event.type)
      const read = asKnown(shop, event)
      expect(isKnown(shop, event)).to.equal(true)
      expect(read).to.include({ id: 'x', version: definition?.version })
      expect(definition?.schema.safeParse(read.data).success).to.equal(true)
      expect(asKnown(shop, read)).to.equal(read)
    })

  it('is read as it is when a newer release recorded it, in a newer version or of a new type, or when it is a note', () => {
    const [newer, added, note] = [
      { type: 'order.placed', version: 99, data: { what: 'ever' } },
      { type: 'order.split', version: 1, data: {} },
      { type: 'order.noted', version: 1, data: { fact: 'payment.declined' } },
    ] as unknown as [Recorded, Recorded, Recorded]
    for (const event of [newer, added, note]) expect(asKnown(shop, event)).to.equal(event)
    expect([newer, added].map(one => isKnown(shop, one))).to.deep.equal([false, false])
  })
})
