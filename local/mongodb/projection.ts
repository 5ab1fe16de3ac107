import { MongoFailure } from './failure.ts'
import { type Doc, isNumeric, numberOf, show, type Value } from './value.ts'

type Tree = Map<string, Tree | true>

/**
 * Parses a projection of plain inclusions or exclusions (dotted paths too).
 * @throws MongoFailure for a mixture, and NotImplemented for expressions
 */
export const parseProjection = (projection: Doc): ((document: Doc) => Doc) => {
  const fields = [...projection].filter(([path]) => path !== '_id')
  const id = projection.get('_id')
  const [first] = fields
  const includes = first === undefined ? id !== undefined && included('_id', id) : included(...first)
  const tree: Tree = new Map()
  for (const [path, value] of fields) {
    if (included(path, value) !== includes) throw mixed(path, includes)
    grow(tree, path)
  }
  // `_id` comes along unless it is excluded by name.
  if (includes ? id === undefined || included('_id', id) : id !== undefined && !included('_id', id))
    tree.set('_id', true)
  return includes ? document => include(document, tree) : document => exclude(document, tree)
}

const included = (path: string, value: Value): boolean => {
  if (typeof value === 'boolean') return value
  if (isNumeric(value)) return Number(numberOf(value)) !== 0
  throw new MongoFailure('BadValue', `Unsupported projection option: ${path}: ${show(value)}`)
}

const mixed = (path: string, includes: boolean) =>
  includes
    ? new MongoFailure('Location31254', `Cannot do exclusion on field ${path} in inclusion projection`)
    : new MongoFailure('Location31253', `Cannot do inclusion on field ${path} in exclusion projection`)

const grow = (tree: Tree, path: string): void => {
  let node = tree
  const at = path.split('.')
  for (const [i, name] of at.entries()) {
    const next = node.get(name)
    const last = i === at.length - 1
    if (next === true || (last && next !== undefined))
      throw new MongoFailure('Location31250', `Path collision at ${path}`)
    if (last) node.set(name, true)
    else {
      const branch = next ?? new Map()
      node.set(name, branch)
      node = branch
    }
  }
}

const include = (document: Doc, tree: Tree): Doc => {
  const kept: Doc = new Map()
  for (const [name, value] of document) {
    const node = tree.get(name)
    const value1 = node === true ? value : node && descend(value, node, include, true)
    if (value1 !== undefined) kept.set(name, value1)
  }
  return kept
}

const exclude = (document: Doc, tree: Tree): Doc => {
  const kept: Doc = new Map()
  for (const [name, value] of document) {
    const node = tree.get(name)
    if (node === true) continue
    kept.set(name, node === undefined ? value : (descend(value, node, exclude, false) ?? value))
  }
  return kept
}

type Project = (document: Doc, tree: Tree) => Doc

// Scalars below an included path vanish, below an excluded one they stay.
const descend = (value: Value, tree: Tree, project: Project, drops: boolean): Value | undefined => {
  if (value instanceof Map) return project(value, tree)
  if (Array.isArray(value))
    return value.flatMap(element => {
      const below = descend(element, tree, project, drops)
      return below === undefined ? [] : [below]
    })
  return drops ? undefined : value
}
