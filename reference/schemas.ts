import { z } from 'zod'
import type { AnyDefinition } from '../shared/contract/event.ts'
import { events } from '../shared/contract/registry.ts'

/** The schema of one version of an event's data, as published: whoever reads the journal may have data of it, for ever. */
export type PublishedSchema = {
  readonly type: string
  readonly version: number
  readonly file: string
  readonly json: string
}

/** The schemas of the newest versions. A file that is there already is never written again: what was published does not change. */
export const newestSchemas = (definitions: readonly AnyDefinition[] = events): readonly PublishedSchema[] =>
  definitions.map(({ type, version, schema }) => ({
    ...{ type, version, file: `${type}.v${version}.json` },
    json: `${JSON.stringify(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }), undefined, 2)}\n`,
  }))

/** Why these schemas may not be released beside the published ones; empty when they may. Pure. */
export const breaches = (
  now: readonly PublishedSchema[],
  published: ReadonlyMap<string, string>,
  canLift: (type: string, from: number, to: number) => boolean,
): readonly string[] => now.flatMap(one => [...changed(one, published), ...stranded(one, canLift)])

const changed = (
  { type, version, file, json }: PublishedSchema,
  published: ReadonlyMap<string, string>,
): string[] => {
  const before = published.get(file)
  if (before === undefined)
    return [
      `${type} v${version} is not published yet: npm run generate writes docs/reference/schemas/${file}`,
    ]
  if (before === json) return []
  const remedy = `make it v${version + 1}, with an upcast from v${version} in shared/contract/upcasts.ts`
  return [`the schema of ${type} changed and its version did not: ${remedy}`]
}

const stranded = (
  { type, version }: PublishedSchema,
  canLift: (type: string, from: number, to: number) => boolean,
): string[] =>
  Array.from({ length: version - 1 }, (_, n) => n + 1)
    .filter(old => !canLift(type, old, version))
    .map(old => `no upcasts lead from ${type} v${old} to v${version}: add them in shared/contract/upcasts.ts`)
