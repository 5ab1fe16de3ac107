import { join, normalize } from 'node:path'
import { z } from 'zod'
import { read, yaml, yamlDocuments } from './project.ts'

/** A Kubernetes object as it is applied. */
export const Manifest = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
})
export type Manifest = z.output<typeof Manifest>

// Strict: whatever else a kustomization might say is not understood here, and would be noticed.
const Kustomization = z.strictObject({
  apiVersion: z.literal('kustomize.config.k8s.io/v1beta1'),
  kind: z.literal('Kustomization'),
  namespace: z.string().optional(),
  labels: z
    .array(z.strictObject({ pairs: z.record(z.string(), z.string()), includeTemplates: z.literal(true) }))
    .default([]),
  resources: z.array(z.string()),
  patches: z
    .array(z.strictObject({ target: z.strictObject({ kind: z.string() }), path: z.string() }))
    .default([]),
  images: z.array(z.strictObject({ name: z.string(), newName: z.string(), newTag: z.string() })).default([]),
  replicas: z.array(z.strictObject({ name: z.string(), count: z.number() })).default([]),
})

/**
 * The objects of a kustomization in this folder of the project, with the part of kustomize that it uses:
 * resources, patches by kind, labels, namespace, replicas; images stay as the base names them. `kubectl
 * kustomize` does the same where it is installed.
 */
export const rendered = (folder: string): Manifest[] => {
  const { resources, patches, labels, namespace, replicas } = Kustomization.parse(
    yaml(read(join(folder, 'kustomization.yaml'))),
  )
  const all = resources.flatMap(path =>
    path.endsWith('.yaml')
      ? yamlDocuments(read(join(folder, path))).map(one => Manifest.parse(one))
      : rendered(normalize(join(folder, path))),
  )
  return all.map(manifest => {
    const mine = patches.filter(({ target }) => target.kind === manifest.kind)
    const patched = mine.reduce<Tree>((sum, { path }) => merged(sum, bare(join(folder, path))), manifest)
    const count = replicas.find(
      ({ name }) => name === manifest.metadata.name && manifest.kind === 'Deployment',
    )?.count
    const changes = [
      ...labels.map(({ pairs }) => labelled(patched, pairs)),
      namespace === undefined ? {} : { metadata: { namespace } },
      count === undefined ? {} : { spec: { replicas: count } },
    ]
    return Manifest.parse(changes.reduce<Tree>(merged, patched))
  })
}

type Tree = Record<string, unknown>

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A patch without what names it. */
const bare = (path: string): Tree => ({ spec: (yaml(read(path)) as Tree).spec })

const labelled = (object: Tree, labels: Tree): Tree =>
  isTree(object.spec) && isTree(object.spec.template)
    ? { metadata: { labels }, spec: { template: { metadata: { labels } } } }
    : { metadata: { labels } }

/** A strategic merge: objects key by key, lists of named things name by name, all else replaced. */
const merged = (under: Tree, over: Tree): Tree => {
  const result: Tree = { ...under }
  for (const [key, value] of Object.entries(over)) result[key] = mergedValue(under[key], value)
  return result
}

const mergedValue = (under: unknown, over: unknown): unknown => {
  if (isTree(under) && isTree(over)) return merged(under, over)
  if (!isNamed(under) || !isNamed(over)) return over
  const others = over.filter(({ name }) => under.every(one => one.name !== name))
  return [...under.map(one => merged(one, over.find(({ name }) => name === one.name) ?? {})), ...others]
}

const isNamed = (value: unknown): value is Tree[] =>
  Array.isArray(value) && value.every(one => isTree(one) && typeof one.name === 'string')
