import type { Span } from '../bson/document.ts'
import { type FieldName, hashSeed, hashWith, isSame, Walk } from '../bson/walk.ts'
import { MongoFailure, refuse } from '../failure.ts'
import type { Patch } from './patch.ts'

/** What an operator does with the field at the end of its path. */
export type Operation = {
  /** Changes the field that the walk has reached. */
  change(patch: Patch, base: number, old: Walk, operand: Span): void
  /**
   * Writes the type, name and value of a field that is missing; undefined for an operator that does nothing
   * then.
   */
  add?: (patch: Patch, name: Buffer, operand: Span) => void
}

/** An operator with its operand; `inserting` when it is for documents alone that an upsert inserts. */
export type Step = { operation: Operation; operand: Span; inserting: boolean }

const none: readonly Branch[] = []

/** The paths of an update as a tree of names: one walk over a document finds them all. */
export class Branch {
  /** Where the name stands. */
  readonly bytes: Buffer
  readonly from: number
  readonly to: number
  /** What is to be done with the field itself; there is nothing below it then. */
  step: Step | undefined
  /** Whether the field was there. */
  seen = false
  /** The branches below, in the order in which they came. */
  below: readonly Branch[] = none
  #byHash: Map<number, Branch> | undefined
  /** Another branch beside this one whose name has the same hash. */
  #twin: Branch | undefined
  #name: string | undefined

  constructor(bytes: Buffer, from: number, to: number) {
    this.bytes = bytes
    this.from = from
    this.to = to
  }

  get name(): string {
    this.#name ??= this.bytes.toString('utf8', this.from, this.to)
    return this.#name
  }

  /** The branches below, in the order in which MongoDB adds new fields. */
  sorted(): readonly Branch[] {
    return this.below.length < 2 ? this.below : [...this.below].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** The branch below for the field that the walk has reached. */
  at({ hash, bytes, name, at }: Walk): Branch | undefined {
    return this.#find(hash, bytes, name, at - 1)
  }

  /** Whether a field of this name is changed. */
  has({ hash, bytes }: FieldName): boolean {
    return this.#find(hash, bytes, 0, bytes.length) !== undefined
  }

  #find(hash: number, bytes: Buffer, from: number, to: number): Branch | undefined {
    let one = this.#byHash?.get(hash)
    while (one !== undefined && !one.#isNamed(bytes, from, to)) one = one.#twin
    return one
  }

  #isNamed(bytes: Buffer, from: number, to: number): boolean {
    const length = this.to - this.from
    return to - from === length && isSame(this.bytes, this.from, bytes, from, length)
  }

  /** The branch below of this name, made when it is not there. */
  grown(bytes: Buffer, from: number, to: number): Branch {
    let hash = hashSeed
    for (let i = from; i < to; i += 1) hash = hashWith(hash, bytes[i] ?? 0)
    const there = this.#find(hash, bytes, from, to)
    if (there !== undefined) return there
    const made = new Branch(bytes, from, to)
    this.#add(made, hash)
    return made
  }

  #add(made: Branch, hash: number): void {
    if (this.#byHash === undefined) {
      this.#byHash = new Map()
      this.below = []
    }
    ;(this.below as Branch[]).push(made)
    made.#twin = this.#byHash.get(hash)
    this.#byHash.set(hash, made)
  }
}

const dot = 0x2e

/**
 * Adds a step at the path that stands there. @throws MongoFailure for a path that is none, or that meets
 * another one
 */
export const grow = (root: Branch, bytes: Buffer, from: number, to: number, step: Step): void => {
  let branch = root
  for (let at = from; at <= to; ) {
    const dotAt = bytes.indexOf(dot, at)
    const end = dotAt >= at && dotAt < to ? dotAt : to
    refusePart(bytes, at, end, from, to)
    branch = branch.grown(bytes, at, end)
    if (branch.step !== undefined) refuseConflict(bytes, from, to, from, end)
    at = end + 1
  }
  if (branch.below.length > 0) refuseConflict(bytes, from, to, from, to)
  branch.step = step
}

const refuseConflict = (bytes: Buffer, from: number, to: number, at: number, end: number): never => {
  const [path, other] = [bytes.toString('utf8', from, to), bytes.toString('utf8', at, end)]
  return refuse(
    'ConflictingUpdateOperators',
    `Updating the path '${path}' would create a conflict at '${other}'`,
  )
}

const refusePart = (bytes: Buffer, at: number, end: number, from: number, to: number): void => {
  const first = bytes[at] ?? 0
  if (at < end && first !== 0x24 && (first < 0x30 || first > 0x39)) return
  const path = bytes.toString('utf8', from, to)
  if (at === end) refuse('EmptyFieldName', `The update path '${path}' contains an empty field name.`)
  if (first === 0x24)
    refuse('DollarPrefixedFieldName', `The dollar ($) prefixed field in '${path}' is not allowed`)
  if (/^\d+$/.test(bytes.toString('utf8', at, end)))
    refuse('NotImplemented', `The embedded server does not take the number in '${path}' for a name`)
}

/** Makes a patch of the changes of a tree to the document at `at`, which is part of the one at `base`. */
export const applyTree = (patch: Patch, base: number, walk: Walk, tree: Branch, inserting: boolean): void => {
  let left = tree.below.length
  while (left > 0 && walk.next()) {
    const branch = tree.at(walk)
    if (branch === undefined || branch.seen) continue
    branch.seen = true
    left -= 1
    applyTo(patch, base, walk, branch, inserting)
  }
  if (left > 0) addMissing(patch, base, walk, tree, inserting)
}

const applyTo = (patch: Patch, base: number, walk: Walk, branch: Branch, inserting: boolean): void => {
  const { step } = branch
  if (step !== undefined) {
    if (inserting || !step.inserting) step.operation.change(patch, base, walk, step.operand)
  } else if (isWanted(branch, inserting)) applyBelow(patch, base, walk, branch, inserting)
}

const applyBelow = (patch: Patch, base: number, walk: Walk, branch: Branch, inserting: boolean): void => {
  if (walk.type !== 3)
    throw new MongoFailure(
      'PathNotViable',
      `Cannot create field '${branch.sorted()[0]?.name}' in element ${branch.name}`,
    )
  const entered = patch.enter(walk.at - base, walk.end - walk.at)
  applyTree(patch, base, new Walk(walk.bytes, walk.at), branch, inserting)
  patch.leave(entered)
}

const addMissing = (patch: Patch, base: number, walk: Walk, tree: Branch, inserting: boolean): void => {
  const stretch = patch.open(walk.last - base, 0)
  for (const branch of tree.sorted())
    if (!branch.seen && makes(branch, inserting)) add(patch, branch, inserting)
  patch.closeUnlessEmpty(stretch)
}

const add = (patch: Patch, branch: Branch, inserting: boolean): void => {
  const name = branch.bytes.subarray(branch.from, branch.to)
  const { step } = branch
  if (step !== undefined) step.operation.add?.(patch, name, step.operand)
  else {
    const end = beginField(patch, 3, name)
    for (const below of branch.sorted()) if (makes(below, inserting)) add(patch, below, inserting)
    end()
  }
}

/** Writes type, name and the length of a document or array that follows; the returned function ends it. */
export const beginField = ({ put }: Patch, type: number, name: Buffer): (() => void) => {
  put.byte(type)
  put.copy(name, 0, name.length)
  put.byte(0)
  const at = put.length
  put.int32(0)
  return () => {
    put.byte(0)
    put.bytes.writeInt32LE(put.length - at, at)
  }
}

// Whether anything here is done at all, and whether it makes a field that is missing.
const isWanted = (branch: Branch, inserting: boolean): boolean =>
  branch.step ? inserting || !branch.step.inserting : branch.below.some(below => isWanted(below, inserting))
const makes = (branch: Branch, inserting: boolean): boolean =>
  branch.step
    ? isWanted(branch, inserting) && branch.step.operation.add !== undefined
    : branch.below.some(below => makes(below, inserting))
