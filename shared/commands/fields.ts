import type { z } from 'zod'
import type { FieldError } from '../runtime/http/problem.ts'

const mostErrors = 20
const mostLevels = 8

type Path = readonly PropertyKey[]

/**
 * `lines[0].sku`; `body` for the whole. A key that is not a plain word is a stranger's text, and not
 * repeated.
 */
export const fieldAt = (path: Path): string => {
  const steps = path.map(step => (typeof step === 'number' ? `[${step}]` : `.${plain(String(step))}`))
  return steps.join('').replace(/^\./, '') || 'body'
}

const plain = (key: string): string => (/^[\w$.-]{1,64}$/.test(key) ? key : '(unprintable)')

/**
 * The value as `schema` returns it, or what is wrong with it, field by field. Values are never repeated: they
 * may be secrets.
 */
export const parseFields = <S extends z.ZodType>(
  schema: S,
  value: unknown,
): { value: z.output<S> } | { errors: FieldError[] } => {
  const dangerous = dangerousKeys(value)
  if (dangerous.length > 0) return { errors: dangerous }
  const result = schema.safeParse(value)
  if (result.success) return { value: result.data }
  // Our own words cost a third of a parse, so only what is refused is parsed with them.
  const issues = schema.safeParse(value, { error: expectedOf }).error?.issues ?? []
  return { errors: issues.flatMap(fieldErrors).slice(0, mostErrors) }
}

const fieldErrors = (issue: z.core.$ZodIssue): FieldError[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map(key => ({ field: fieldAt([...issue.path, key]), expected: 'no such field' }))
    : [{ field: fieldAt(issue.path), expected: issue.message }]

const nouns: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  array: 'a list',
  object: 'an object',
}

const units: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: [' character', ' characters'],
  array: [' entry', ' entries'],
}

const amount = (count: number | bigint, origin: string): string =>
  `${count}${units[origin]?.[Number(count) === 1 ? 0 : 1] ?? ''}`

// Only for checks that say nothing themselves; a schema's own words win.
const expectedOf = (issue: z.core.$ZodRawIssue): string | undefined => {
  switch (issue.code) {
    case 'invalid_type':
      return `${nouns[issue.expected] ?? issue.expected}${issue.input === undefined ? ' (required)' : ''}`
    case 'too_small':
      return `at least ${amount(issue.minimum, issue.origin)}`
    case 'too_big':
      return `at most ${amount(issue.maximum, issue.origin)}`
    case 'invalid_format':
      return 'text without control characters'
    default:
      return undefined
  }
}

// Keys that mean something to a database, to JavaScript itself, or to a path into a document.
const isDangerous = (key: string): boolean =>
  key === '__proto__' ||
  key === 'constructor' ||
  key === 'prototype' ||
  key.startsWith('$') ||
  key.includes('.')

/**
 * What no body may have anywhere: keys with a meaning of their own, and more than 8 levels. Looks no deeper
 * than that.
 */
export const dangerousKeys = (body: unknown): FieldError[] => {
  const errors: FieldError[] = []
  inspect(body, [], errors)
  return errors.slice(0, mostErrors)
}

// `path` is where `value` is: one array for the whole walk, because nearly every walk finds nothing to name.
const inspect = (value: unknown, path: PropertyKey[], errors: FieldError[]): void => {
  if (typeof value !== 'object' || value === null || errors.length >= mostErrors) return
  if (path.length >= mostLevels) {
    errors.push({ field: fieldAt(path), expected: `at most ${mostLevels} levels` })
    return
  }
  const isList = Array.isArray(value)
  for (const key of Object.keys(value)) {
    path.push(isList ? Number(key) : key)
    if (isDangerous(key)) errors.push({ field: fieldAt(path), expected: 'no such field' })
    else inspect((value as Record<string, unknown>)[key], path, errors)
    path.pop()
  }
}
