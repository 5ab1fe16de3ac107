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

/** The variables by which a server is given, each also as the path of a file with what it says. */
export const givenNames: readonly string[] = Object.keys(given.shape).flatMap(name => [name, `${name}_FILE`])

/**
 * The environment with the URLs of given servers, those from files read, so that only the variables
 * themselves are left. URLs that the services would refuse are refused before anything is started.
 * @throws SagaError `config-invalid`
 */
export const withGivenUrls = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
  const isOurs = ([name]: readonly [string, unknown]) => givenNames.includes(name)
  const { config } = loadConfig(given, Object.fromEntries(Object.entries(env).filter(isOurs)))
  const rest = Object.entries(env).filter(entry => !isOurs(entry))
  return { ...Object.fromEntries(rest), ...config }
}
