import { expect } from 'chai'
import { z } from 'zod'
import { breaches, newestSchemas } from '../../reference/schemas.ts'
import { brokenSeals, readSealed } from '../../reference/seals.ts'
import { defineEvent } from '../../services/contract/define.ts'
import { InventoryReleased } from '../../services/contract/inventory.ts'
import { events } from '../../services/contract/shop.ts'
import { upcasts } from '../../services/contract/upcasts.ts'
import { hasUpcasts } from '../../shared/contract/upcast.ts'

const sealed = readSealed(new URL('../../../docs/reference/schemas/', import.meta.url))
const published = sealed.files
const before = { published, canLift: hasUpcasts(upcasts) }

const { version } = InventoryReleased

/** The contract with one event in another shape. */
const withShape = (version: number, schema: z.ZodType) =>
  newestSchemas(
    events.map(event =>
      event.type === InventoryReleased.type ? defineEvent(InventoryReleased.type, version, schema) : event,
    ),
  )

describe('the schemas of the contract', () => {
  it('are compatible with every version that was ever published', () => {
    expect(breaches(newestSchemas(), before)).to.deep.equal([])
  })

  it('were never edited or removed once they were published', () => {
    expect(brokenSeals(sealed)).to.deep.equal([])
  })

  it('may not change under the same version', () => {
    expect(breaches(withShape(version, z.strictObject({ why: z.string() })), before)).to.deep.equal([
      `the schema of inventory.released changed and its version did not: make it v${version + 1}, with an upcast from v${version} in services/contract/upcasts.ts`,
    ])
  })

  it('may not have a new version that the old ones cannot be upcast to', () => {
    const now = withShape(version + 2, z.strictObject({ why: z.string() }))
    const all = new Map([...published, ...now.map(({ file, json }) => [file, json] as const)])
    expect(breaches(now, { ...before, published: all })).to.deep.equal([
      `no upcasts lead from inventory.released v${version} to v${version + 2}: add them in services/contract/upcasts.ts`,
      `no upcasts lead from inventory.released v${version + 1} to v${version + 2}: add them in services/contract/upcasts.ts`,
    ])
    const canLift = (_: string, from: number, to: number) => from < to
    expect(breaches(now, { published: all, canLift })).to.deep.equal([])
  })

  it('are published before they are used', () => {
    const canLift = () => true
    const [first] = breaches(withShape(version + 1, z.strictObject({})), { published, canLift })
    expect(first).to.include('is not published yet')
  })

  it('never go back to a version before, and never disappear', () => {
    const all = new Map([
      ...published,
      ['inventory.released.v9.json', '{}'],
      ['inventory.lost.v1.json', '{}'],
    ])
    expect(breaches(newestSchemas(), { ...before, published: all })).to.deep.equal([
      `inventory.released v9 was published and the contract has v${version}: a version is never taken back`,
      'inventory.lost was published and is in no contract any more: its events stay on record, so it stays',
    ])
  })
})
