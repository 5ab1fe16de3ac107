import { z } from 'zod'
import { prepareConfig } from '../../rabbitmq/prepare.ts'
import { configurations, knownVariables } from '../../services/configurations.ts'
import { loadConfig } from '../../shared/runtime/configuration/config.ts'

export type Variables = Readonly<Record<string, string>>

type Schema = Parameters<typeof loadConfig>[0]

const schemas: Readonly<Record<string, Schema>> = { ...configurations, prepare: prepareConfig }

/** The programs that read variables. */
export const programs: readonly string[] = Object.keys(schemas)

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
