import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folderWith = (file: string, folder: string): string =>
  existsSync(join(folder, file)) || dirname(folder) === folder ? folder : folderWith(file, dirname(folder))

/** The folder of package.json, whether this code runs from source or from a build folder below it. */
export const projectFolder = folderWith('package.json', dirname(fileURLToPath(import.meta.url)))
