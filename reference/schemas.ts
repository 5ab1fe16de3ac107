import { z } from 'zod'
import { events } from '../services/contract/shop.ts'
import type { AnyDefinition } from '../shared/contract/event.ts'

/**
 * The schema of one version of an event's data, as published: whoever reads the journal may have data of it,
 * for ever.
 */
export type PublishedSchema = {
  readonly type: string
  readonly version: number
  readonly file: string
  readonly json: string
}

/**
 * The schemas of the newest versions. A file that is there already is never written again: what was published
 * does not change.
 */
export const newestSchemas = (definitions: readonly AnyDefinition[] = events): readonly PublishedSchema[] =>
  definitions.map(({ type, version, schema }) => ({
    ...{ type, version, file: `${type}.v${version}.json` },
    json: `${JSON.stringify(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }), undefined, 2)}\n`,
  }))

/**
 * What was released before: the published schemas by file name, and whether upcasts lead from one version of
 * a type to another.
 */
export type Before = {
  readonly published: ReadonlyMap<string, string>
  readonly canLift: (type: string, from: number, to: number) => boolean
}

/** Why these schemas may not be released after those; empty when they may. Pure. */
export const breaches = (
  now: readonly PublishedSchema[],
  { published, canLift }: Before,
): readonly string[] => [
  ...now.flatMap(one => [...changed(one, published), ...stranded(one, canLift)]),
  ...[...published.keys()].flatMap(file => withdrawn(file, now)),
]

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
  const remedy = `make it v${version + 1}, with an upcast from v${version} in services/contract/upcasts.ts`
  return [`the schema of ${type} changed and its version did not: ${remedy}`]
}

const stranded = ({ type, version }: PublishedSchema, canLift: Before['canLift']): string[] =>
  Array.from({ length: version - 1 }, (_, n) => n + 1)
    .filter(old => !canLift(type, old, version))
    .map(
      old => `no upcasts lead from ${type} v${old} to v${version}: add them in services/contract/upcasts.ts`,
    )

const withdrawn = (file: string, now: readonly PublishedSchema[]): string[] => {
  const [, type = file, version = '0'] = /^(.+)\.v(\d+)\.json$/.exec(file) ?? []
  const newest = now.find(one => one.type === type)?.version
  if (newest === undefined)
    return [`${type} was published and is in no contract any more: its events stay on record, so it stays`]
  if (Number(version) <= newest) return []
  return [`${type} v${version} was published and the contract has v${newest}: a version is never taken back`]
}
