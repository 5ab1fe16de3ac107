import { z } from 'zod'
import { topologyWatchConfig } from '../../rabbitmq/configuration.ts'
import { prepareConfig } from '../../rabbitmq/prepare.ts'
import { configurations, knownVariables } from '../../services/configurations.ts'
import { loadConfig } from '../../shared/runtime/configuration/config.ts'
import { url, variable } from '../../shared/runtime/configuration/variable.ts'
import { servers } from '../../shared/runtime/variables.ts'

export type Variables = Readonly<Record<string, string>>

type Schema = Parameters<typeof loadConfig>[0]

const { AMQP_URL, RABBITMQ_MANAGEMENT_URL } = topologyWatchConfig.shape
/** What the command line has to be told where no system runs on its machine. */
const toolsConfig = z.object({
  ...{ AMQP_URL, RABBITMQ_MANAGEMENT_URL, MONGODB_URL: servers.MONGODB_URL },
  CHOREO_URL: variable(url('https?'), { description: 'The public API.', expected: 'a URL' }),
  CHOREO_KEY: variable(z.string(), { description: 'The key for it.', expected: 'a key', secret: true }),
})

const running: Readonly<Record<string, Schema>> = { ...configurations, prepare: prepareConfig }
const schemas: Readonly<Record<string, Schema>> = { ...running, tools: toolsConfig }

/** The programs that read variables and run without anybody. */
export const programs: readonly string[] = Object.keys(running)

/**
 * What is wrong with the variables that a program is started with: missing, wrong, read by nobody, or left at
 * an address of its own container.
 */
export const faultsOf = (program: string, given: Variables): string[] => {
  const schema = schemas[program]
  if (schema === undefined) return [`${program} reads no variables`]
  const unread = Object.keys(given).filter(name => !Object.hasOwn(schema.shape, name))
  const local = Object.entries(schema.shape).filter(
    ([name, field]) => !given[name] && JSON.stringify(defaultOf(field)).includes('127.0.0.1'),
  )
  return [
    ...unread.map(name => `${program} does not read ${name}`),
    ...local.map(([name]) => `${program} is not told ${name}, which would be its own container`),
    ...refusalOf(schema, given).map(why => `${program}: ${why}`),
  ]
}

const defaultOf = (field: z.core.$ZodType): unknown => z.safeParse(field, undefined).data ?? ''

const refusalOf = (schema: Schema, given: Variables): string[] => {
  try {
    return loadConfig(schema, given, knownVariables).warnings
  } catch (error) {
    return [(error as Error).message]
  }
}
