import type { z } from 'zod'
import { configurations } from '../services/configurations.ts'
import { variableNote } from '../shared/runtime/configuration/variable.ts'
import { type Page, pageOf, table } from './page.ts'
import { urlForms } from './url-forms.ts'

type Schema = { readonly shape: Readonly<Record<string, z.ZodType>> }

/** Every environment variable that a service reads. */
export const configurationPage: Page = {
  file: 'docs/reference/configuration.md',
  text: () =>
    pageOf(
      'Configuration',
      'Each service reads environment variables; a secret may come as `<NAME>_FILE`, the path of a file that holds it.',
      [
        ...Object.entries(configurations).map(
          ([service, schema]) => `## ${service}\n\n${variablesOf(schema)}`,
        ),
        `## URLs\n\n${aboutUrls}\n\n${formsTable()}`,
      ],
    ),
}

const aboutUrls =
  'Services, command line, operations and `npm start` read them alike. User, password and path are escapes of UTF-8 where they have characters that mean something in a URL. A test holds each row. `amqps`, `rediss`, `https` and MongoDB with `tls=true` are TLS; [a CA of your own](../how-to/run-on-your-own-servers.md#5-tls-and-a-ca-of-your-own) goes into `NODE_EXTRA_CA_CERTS`.'

const formsTable = (): string =>
  table(
    ['variable', 'URL', 'is read as'],
    urlForms.map(({ variable, url, reads, why }) => [
      ...[`\`${variable}\``, `\`${url}\``],
      reads === 'refused' ? `refused: ${why}` : readsOf(reads),
    ]),
  )

const readsOf = (reads: Readonly<Record<string, string | number>>): string =>
  Object.entries(reads)
    .map(([part, value]) => `${part} \`${value}\``)
    .join(', ')

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
