import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { decode, encode, singleType } from '../../shared/contract/envelope.ts'
import { events } from '../../shared/contract/registry.ts'

/** Recorded JSON of every type and version that was ever published. It is never edited: what was sent once must stay readable. */
const folder = fileURLToPath(new URL('../../../tests/contract/golden/', import.meta.url))
const files = readdirSync(folder).sort()
const bodyOf = (file: string) => readFileSync(`${folder}${file}`)

describe('the recorded JSON of every event', () => {
  it('is there for every type and version', () => {
    const versions = events.flatMap(({ type, version }) =>
      Array.from({ length: version }, (_, n) => `${type}.v${n + 1}.json`),
    )
    expect(files).to.deep.equal(versions.sort())
  })

  for (const file of files)
    it(`decodes ${file} to the newest version`, () => {
      const [decoded] = decode(bodyOf(file), singleType)
      if (!decoded || !('event' in decoded)) throw new Error(`refused: ${decoded?.error.message}`)
      const definition = events.find(({ type }) => type === decoded.event.type)
      expect(decoded.event.version).to.equal(definition?.version)
      expect(file.startsWith(decoded.event.type)).to.equal(true)
    })

  for (const { type, version } of events)
    it(`is what ${type} v${version} looks like today, to the byte`, () => {
      const body = bodyOf(`${type}.v${version}.json`)
      const [decoded] = decode(body, singleType)
      if (!decoded || !('event' in decoded)) throw new Error('refused')
      expect(encode([decoded.event]).body.toString()).to.equal(body.toString().trim())
    })

  it('lifts the floats of order.placed v1 to cents', () => {
    const [decoded] = decode(bodyOf('order.placed.v1.json'), singleType)
    if (!decoded || !('event' in decoded) || decoded.event.type !== 'order.placed') throw new Error('refused')
    expect(decoded.event.data).to.include({ total: 2_550, caller: 'anonymous' })
    expect(decoded.event.data.lines[0]?.unitPrice).to.equal(1_275)
  })
})
