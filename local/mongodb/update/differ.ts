import type { Span } from '../bson/document.ts'
import { isSame, Walk } from '../bson/walk.ts'
import type { Patch } from './patch.ts'

/**
 * Puts a value in the place of the one that the walk has reached. Of a document or an array in the place of
 * another only what differs goes into the patch, because most of a large value that is set again is the same.
 * Offsets count from `base`, the begin of the whole document.
 */
export const setValue = (patch: Patch, base: number, old: Walk, value: Span): void => {
  if (old.type !== value.type) retype(patch, base, old, value)
  else if (!isSameValue(old, value)) {
    if (value.type === 3 || value.type === 4) setFields(patch, base, old, value)
    else patch.replace(old.at - base, old.end - old.at, value.bytes, value.at, value.end)
  }
}

const isSameValue = (a: Walk, b: Span): boolean => {
  const length = b.end - b.at
  return length === a.end - a.at && isSame(a.bytes, a.at, b.bytes, b.at, length)
}

const retype = (patch: Patch, base: number, old: Walk, value: Span): void => {
  const k = patch.open(old.from - base, old.end - old.from)
  patch.put.byte(value.type)
  patch.put.copy(old.bytes, old.name, old.at)
  patch.put.copy(value.bytes, value.at, value.end)
  patch.close(k)
}

// Goes through both as long as the same names come in the same order; from the first other name on all is
// replaced.
const setFields = (patch: Patch, base: number, old: Walk, value: Span): void => {
  const [was, is] = [new Walk(old.bytes, old.at), new Walk(value.bytes, value.at)]
  const entered = patch.enter(old.at - base, old.end - old.at)
  let [more, wanted] = [was.next(), is.next()]
  while (more && wanted && isSameName(was, is)) {
    setValue(patch, base, was, is)
    more = was.next()
    wanted = is.next()
  }
  const [from, to] = [more ? was.from : was.last, wanted ? is.from : is.last]
  if (more || wanted) patch.replace(from - base, was.last - from, is.bytes, to, is.last)
  patch.leave(entered)
}

const isSameName = (a: Walk, b: Walk): boolean => {
  const length = a.at - a.name
  return a.hash === b.hash && length === b.at - b.name && isSame(a.bytes, a.name, b.bytes, b.name, length)
}
