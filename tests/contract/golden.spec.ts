import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'chai'
import { brokenSeals, readSealed } from '../../reference/seals.ts'
import type { OrderPlaced } from '../../services/contract/order.ts'
import { events, shop } from '../../services/contract/shop.ts'
import { decode, encode, singleType } from '../../shared/contract/envelope.ts'

/** Recorded JSON of every type and version that was ever published. It is never edited: what was sent once must stay readable. */
const sealed = readSealed(new URL('../../../tests/contract/golden/', import.meta.url))
const published = readSealed(new URL('../../../docs/reference/schemas/', import.meta.url)).files
const files = [...sealed.files.keys()]
const bodyOf = (file: string) => Buffer.from(sealed.files.get(file) ?? '')

describe('the recorded JSON of every event', () => {
  const versions = events.flatMap(({ type, version }) =>
    Array.from({ length: version }, (_, n) => `${type}.v${n + 1}.json`),
  )
  it('is there for every type and version', () => {
    const missing = versions.filter(file => !files.includes(file))
    const remedy = (file: string) => `npm run record writes tests/contract/golden/${file}`
    expect(missing.map(file => `${file} is not recorded yet: ${remedy(file)}`)).to.deep.equal([])
    expect(files).to.deep.equal(versions.sort())
  })

  it('was never edited or removed once it was recorded', () => {
    expect(brokenSeals(sealed)).to.deep.equal([])
  })

  for (const file of files.filter(name => published.has(name)))
    it(`has data as the schema that was published for it says: ${file}`, () => {
      const ajv = new Ajv2020({ strict: false })
      const isValid = ajv.validate(JSON.parse(published.get(file) ?? ''), JSON.parse(`${bodyOf(file)}`).data)
      expect(isValid, ajv.errorsText()).to.equal(true)
    })

  for (const file of files)
    it(`decodes ${file} to the newest version`, () => {
      const [decoded] = decode(shop, bodyOf(file), singleType)
      if (!decoded || !('event' in decoded)) throw new Error(`refused: ${decoded?.error.message}`)
      const definition = events.find(({ type }) => type === decoded.event.type)
      expect(decoded.event.version).to.equal(definition?.version)
      expect(file.startsWith(decoded.event.type)).to.equal(true)
    })

  for (const { type, version } of events)
    it(`is what ${type} v${version} looks like today, to the byte`, () => {
      const body = bodyOf(`${type}.v${version}.json`)
      const [decoded] = decode(shop, body, singleType)
      if (!decoded || !('event' in decoded)) throw new Error('refused')
      expect(encode(shop, [decoded.event]).body.toString()).to.equal(body.toString().trim())
    })

  it('upcasts the floats of order.placed v1 to cents', () => {
    const [decoded] = decode(shop, bodyOf('order.placed.v1.json'), singleType)
    if (!decoded || !('event' in decoded) || decoded.event.type !== 'order.placed') throw new Error('refused')
    const { data } = decoded.event as OrderPlaced
    expect(data).to.include({ total: 2_550, caller: 'anonymous' })
    expect(data.lines[0]?.unitPrice).to.equal(1_275)
  })
})
