import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { z } from 'zod'
import { breaches, newestSchemas } from '../../reference/schemas.ts'
import { defineEvent } from '../../shared/contract/event.ts'
import { InventoryReleased } from '../../shared/contract/inventory.ts'
import { events } from '../../shared/contract/registry.ts'
import { canLift } from '../../shared/contract/upcasts.ts'

const folder = new URL('../../../docs/reference/schemas/', import.meta.url)
const published = new Map(
  readdirSync(folder).map(file => [file, readFileSync(new URL(file, folder), 'utf8')]),
)

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
    expect(breaches(newestSchemas(), published, canLift)).to.deep.equal([])
  })

  it('may not change under the same version', () => {
    expect(
      breaches(withShape(version, z.strictObject({ why: z.string() })), published, canLift),
    ).to.deep.equal([
      `the schema of inventory.released changed and its version did not: make it v${version + 1}, with an upcast from v${version} in shared/contract/upcasts.ts`,
    ])
  })

  it('may not have a new version that the old ones cannot be lifted to', () => {
    const now = withShape(version + 2, z.strictObject({ why: z.string() }))
    const all = new Map([...published, ...now.map(({ file, json }) => [file, json] as const)])
    expect(breaches(now, all, canLift)).to.deep.equal([
      `no upcasts lead from inventory.released v${version} to v${version + 2}: add them in shared/contract/upcasts.ts`,
      `no upcasts lead from inventory.released v${version + 1} to v${version + 2}: add them in shared/contract/upcasts.ts`,
    ])
    const lifts = (_: string, from: number, to: number) => from < to
    expect(breaches(now, all, lifts)).to.deep.equal([])
  })

  it('are published before they are used', () => {
    const [first] = breaches(withShape(version + 1, z.strictObject({})), published, () => true)
    expect(first).to.include('is not published yet')
  })
})
