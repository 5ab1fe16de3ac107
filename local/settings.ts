import { join, resolve } from 'node:path'
import { SagaError } from '../shared/runtime/errors.ts'
import { projectFolder } from './project.ts'

const defaultHttpPort = 3000

/** The data folder: `CHOREO_DATA`, else `.data` of the project. */
export const dataFolderOf = (env: NodeJS.ProcessEnv): string =>
  env.CHOREO_DATA ? resolve(env.CHOREO_DATA) : join(projectFolder, '.data')

/**
 * The port of the public door: `CHOREO_HTTP_PORT`, else 3000.
 * @throws SagaError `config-invalid`
 */
export const httpPortOf = (env: NodeJS.ProcessEnv): number => {
  const port = Number(env.CHOREO_HTTP_PORT || defaultHttpPort)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new SagaError('config-invalid', 'CHOREO_HTTP_PORT must be a port from 1 to 65535', { retry: 'never' })
}
