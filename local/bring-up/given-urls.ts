import { z } from 'zod'
import { topologyWatchConfig } from '../../rabbitmq/configuration.ts'
import { loadConfig } from '../../shared/runtime/configuration/config.ts'
import { variable, variableNote } from '../../shared/runtime/configuration/variable.ts'
import { servers } from '../../shared/runtime/variables.ts'

const ifGiven = <S extends z.ZodType>(schema: S) => variable(schema.optional(), variableNote(schema))

const { RABBITMQ_MANAGEMENT_URL } = topologyWatchConfig.shape

const given = z.object({
  AMQP_URL: ifGiven(servers.AMQP_URL),
  RABBITMQ_MANAGEMENT_URL: ifGiven(RABBITMQ_MANAGEMENT_URL),
  MONGODB_URL: ifGiven(servers.MONGODB_URL),
  REDIS_URL: ifGiven(servers.REDIS_URL),
})

/**
 * Refuses URLs of servers that the services would refuse, before anything is started.
 * @throws SagaError `config-invalid`
 */
export const checkGivenUrls = (env: NodeJS.ProcessEnv): void => {
  loadConfig(given, Object.fromEntries(Object.keys(given.shape).map(name => [name, env[name]])))
}
