import { SagaError } from '../../shared/runtime/errors.ts'

const defaultHttpPort = 3000

/**
 * The port of the public API: `CHOREO_HTTP_PORT`, else 3000.
 * @throws SagaError `config-invalid`
 */
export const httpPortOf = (env: NodeJS.ProcessEnv): number => {
  const port = Number(env.CHOREO_HTTP_PORT || defaultHttpPort)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new SagaError('config-invalid', 'CHOREO_HTTP_PORT must be a port from 1 to 65535', { retry: 'never' })
}
