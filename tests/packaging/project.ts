import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse, parseAllDocuments } from 'yaml'

/** The folder of the project. */
export const root = fileURLToPath(new URL('../../../', import.meta.url))

/** The text of a file, by its path in the project. */
export const read = (path: string): string => readFileSync(join(root, path), 'utf8')

/** Whether the project has this file or folder. */
export const has = (path: string): boolean => existsSync(join(root, path))

/** The source of a compiled program, such as `rabbitmq/watch.ts` of `dist/rabbitmq/watch.js`. */
export const sourceOf = (program: string): string => program.replace(/^dist\//, '').replace(/\.js$/, '.ts')

/** A YAML text as data, merge keys resolved. */
export const yaml = (text: string): unknown => parse(text, { merge: true })

/** Each document of a YAML text. */
export const yamlDocuments = (text: string): unknown[] =>
  parseAllDocuments(text, { merge: true }).map(document => document.toJS())
