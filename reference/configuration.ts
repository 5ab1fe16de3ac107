import type { z } from 'zod'
import { configurations } from '../services/configurations.ts'
import { variableNote } from '../shared/runtime/configuration/variable.ts'
import { type Page, pageOf, table } from './page.ts'

type Schema = { readonly shape: Readonly<Record<string, z.ZodType>> }

/** Every environment variable that a service reads. */
export const configurationPage: Page = {
  file: 'docs/reference/configuration.md',
  text: () =>
    pageOf(
      'Configuration',
      'Each service reads environment variables; a secret may come as `<NAME>_FILE`, the path of a file that holds it.',
      Object.entries(configurations).map(([service, schema]) => `## ${service}\n\n${variablesOf(schema)}`),
    ),
}

const variablesOf = (schema: Schema): string =>
  table(
    ['variable', 'what for', 'value', 'unless set'],
    Object.entries(schema.shape).map(([name, field]) => {
      const { description, expected, secret } = variableNote(field)
      return [`\`${name}\``, description, `${expected}${secret ? ' (secret)' : ''}`, defaultOf(field)]
    }),
  )

/** What holds when nothing is set, as the schema itself answers it. */
const defaultOf = (field: z.ZodType): string => {
  const result = field.safeParse(undefined)
  if (!result.success) return 'required'
  const value: unknown = result.data
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return '-'
  return `\`${String(value)}\``
}
