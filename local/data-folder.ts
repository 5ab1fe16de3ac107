import { join, resolve } from 'node:path'
import { projectFolder } from './project.ts'

/** The data folder: `CHOREO_DATA`, else `.data` of the project. */
export const dataFolderOf = (env: NodeJS.ProcessEnv): string =>
  env.CHOREO_DATA ? resolve(env.CHOREO_DATA) : join(projectFolder, '.data')
