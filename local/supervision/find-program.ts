import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** The full path of a program, looked for in `before` and then on PATH. */
export const findProgram = (name: string, before: readonly string[] = []): string | undefined =>
  [...before, ...(process.env.PATH ?? '').split(delimiter)]
    .filter(folder => folder !== '')
    .map(folder => join(folder, name))
    .find(isExecutable)
