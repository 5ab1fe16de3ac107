import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { projectFolder } from '../../system/project.ts'

const tests = join(projectFolder, 'tests')
const ending = '.spec.ts'

/** The names of all spec files: their path below tests/, as in `faults/outages`. */
export const everySpec: readonly string[] = readdirSync(tests, { recursive: true, encoding: 'utf8' })
  .filter(path => path.endsWith(ending))
  .map(path => path.slice(0, -ending.length).replaceAll(sep, '/'))
  .sort()

/** Where the compiled file of a spec is. */
export const compiled = (spec: string): string => join(projectFolder, 'dist', 'tests', `${spec}.spec.js`)

type Source = { readonly text: string; readonly imports: readonly string[] }

const sources = new Map<string, Source>()
/**
 * A file of tests/ with the other files there that it imports. What starts the servers is imported for one or
 * the other of them.
 */
const sourceOf = (file: string): Source => {
  const known = sources.get(file)
  if (known) return known
  const text = readFileSync(file, 'utf8')
  const imports = [...text.matchAll(/from '(\.[^']+)'/g)]
    .map(([, path = '']) => resolve(dirname(file), path))
    .filter(path => path.startsWith(tests) && path !== servers && existsSync(path))
  const source = { text, imports }
  sources.set(file, source)
  return source
}

const servers = join(tests, 'support', 'servers.ts')
const importsOne = (names: string) => new RegExp(`import \\{[^}]*\\b(${names})\\b[^}]*\\} from`)
const startsBroker = importsOne('rabbitmq|vhost|startRabbitMq|rabbitMqRoot|startSystem')
const startsSystem = importsOne('startSystem')

/** Whether a file imports what the pattern names, itself or through other files of tests/. */
const reaches = (file: string, pattern: RegExp, seen = new Set<string>()): boolean => {
  if (seen.has(file)) return false
  seen.add(file)
  const { text, imports } = sourceOf(file)
  return pattern.test(text) || imports.some(next => reaches(next, pattern, seen))
}

const fileOf = (spec: string) => join(tests, `${spec}${ending}`)

/** Whether a spec starts a broker. */
export const reachesBroker = (spec: string): boolean => reaches(fileOf(spec), startsBroker)

/** Whether a spec starts a whole system. */
export const reachesSystem = (spec: string): boolean => reaches(fileOf(spec), startsSystem)
