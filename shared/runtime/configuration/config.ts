import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { codeOf, SagaError } from '../errors.ts'
import { closestMatch } from '../text/closest-match.ts'
import { type VariableNote, variableNote } from './variable.ts'

export type Env = Readonly<Record<string, string | undefined>>
type Fault = { variable: string; expected: string; found: string }

/**
 * The variables of `schema` as typed values under their own names, and a warning for each CHOREO_ variable
 * that nobody reads. `known` are those that some program reads, for all may be set for each; without it,
 * those of `schema`. An empty value counts as none. A secret may come as `<NAME>_FILE`, the path of a file
 * that holds it.
 * @throws SagaError `config-invalid` (never retried) that names every wrong variable, what it expects, and
 * what was found unless that may be a secret.
 */
export const loadConfig = <Shape extends z.core.$ZodShape>(
  schema: z.ZodObject<Shape>,
  env: Env = process.env,
  known: ReadonlySet<string> = new Set(variablesOf(schema)),
): { config: z.output<z.ZodObject<Shape>>; warnings: string[] } => {
  const faults: Fault[] = []
  const given: Record<string, string> = {}
  for (const [name, field] of Object.entries(schema.shape)) {
    const raw = rawValue(name, variableNote(field), env)
    if (typeof raw === 'object') faults.push(raw)
    else if (raw !== undefined) given[name] = raw
  }
  const result = schema.safeParse(given)
  if (!result.success) faults.push(...faultsOf(schema, result.error, given, faults))
  if (faults.length > 0 || !result.success) throw invalid(faults)
  return { config: result.data, warnings: unknownVariables(env, known) }
}

const rawValue = (name: string, { expected, secret }: VariableNote, env: Env): string | Fault | undefined => {
  const value = env[name] || undefined
  const path = env[`${name}_FILE`]
  if (!secret || !path) return value
  if (value !== undefined) return { variable: name, expected: `either it or ${name}_FILE`, found: 'both' }
  try {
    return readFileSync(path, 'utf8').trim() || undefined
  } catch (error) {
    return { variable: `${name}_FILE`, expected: `a readable file with ${expected}`, found: codeOf(error) }
  }
}

const faultsOf = (
  schema: z.ZodObject,
  { issues }: z.ZodError,
  given: Readonly<Record<string, string>>,
  known: readonly Fault[],
): Fault[] => {
  // A secret whose file could not be read is not missing as well.
  const reported = new Set(known.map(({ variable }) => variable.replace(/_FILE$/, '')))
  const byName = new Map(issues.map(issue => [String(issue.path[0]), issue] as const).toReversed())
  const names = [...byName.keys()].toReversed().filter(name => !reported.has(name))
  return names.map(variable => {
    const about = variableNote(schema.shape[variable] ?? schema)
    const issue = byName.get(variable)
    const expected = issue?.code === 'custom' ? issue.message : about.expected
    return { variable, expected, found: shown(given[variable], about) }
  })
}

// An @ gives away a URL with credentials in it, also where none belong.
const shown = (value: string | undefined, { secret }: VariableNote): string => {
  if (value === undefined) return 'nothing'
  return secret || value.includes('@') ? 'something else (not shown)' : JSON.stringify(value.slice(0, 80))
}

const invalid = (faults: readonly Fault[]): SagaError => {
  const lines = faults.map(
    ({ variable, expected, found }) => `${variable}: expected ${expected}, found ${found}`,
  )
  return new SagaError('config-invalid', lines.join('; '), { retry: 'never' })
}

// What the launcher reads before any service runs, and what the command line reads.
const readElsewhere = ['CHOREO_INSTALL', 'CHOREO_OWNED_AS', 'CHOREO_URL', 'CHOREO_KEY']

/** The names of the variables of a schema; a secret may come as a file too. */
export const variablesOf = ({ shape }: z.ZodObject): string[] =>
  Object.entries(shape).flatMap(([name, field]) =>
    variableNote(field).secret ? [name, `${name}_FILE`] : [name],
  )

const unknownVariables = (env: Env, read: ReadonlySet<string>): string[] => {
  const known = new Set([...readElsewhere, ...read])
  const unknown = Object.keys(env).filter(name => name.startsWith('CHOREO_') && !known.has(name))
  return unknown.map(name => {
    const meant = closestMatch(name, known)
    return `${name} is not read by anything${meant === undefined ? '' : `; did you mean ${meant}?`}`
  })
}

/**
 * What one of several services in a process reads: the environment, over which `<SERVICE>__NAME` wins for
 * that service alone.
 */
export const environmentOf = (service: string, env: Env = process.env): Env => {
  const prefix = `${service.toUpperCase()}__`
  const own = Object.entries(env).filter(([name]) => name.startsWith(prefix))
  return { ...env, ...Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value])) }
}
