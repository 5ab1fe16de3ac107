import { writeSealed } from '../../reference/seals.ts'
import { events, shop } from '../../services/contract/shop.ts'
import { encode } from '../../shared/contract/envelope.ts'
import { anEvent } from '../support/events.ts'

// Records what an event looks like on the wire, once for each version: whatever comes later has to decode it.
const golden = new URL('../../../tests/contract/golden/', import.meta.url) // from dist/tests/contract, where this runs
const recorded = events.map(({ type, version }): [string, string] => [
  `${type}.v${version}.json`,
  `${encode(shop, [anEvent(type)]).body.toString()}\n`,
])
for (const file of writeSealed(golden, new Map(recorded))) process.stdout.write(`recorded ${file}\n`)
