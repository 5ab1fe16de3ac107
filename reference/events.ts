import { z } from 'zod'
import { hearersOf } from '../choreography/flow.ts'
import { shopFlow } from '../choreography/shop.ts'
import { events } from '../services/contract/shop.ts'
import type { AnyDefinition } from '../shared/contract/event.ts'
import { type Page, pageOf, table } from './page.ts'

/** Every event of the contract: who says it, who hears it, and what it carries. */
export const eventsPage: Page = {
  file: 'docs/reference/events.md',
  text: () =>
    pageOf(
      'Events',
      'Every event that travels: CloudEvents 1.0 in JSON, under its type as routing key. Fields marked sensitive never reach a log, a listing or an error.',
      events.map(sectionOf),
    ),
}

const sectionOf = (event: AnyDefinition): string => {
  const hearers = hearersOf(shopFlow, event.type)
  const heard =
    hearers.length > 0 ? `heard by ${hearers.join(', ')}` : 'the end of a saga, so nobody has to hear it'
  const about = `Version ${event.version}, said by ${event.owner}, ${heard}.`
  const fields = fieldsOf(z.toJSONSchema(event.schema, { unrepresentable: 'any', io: 'output' }) as Schema)
  const carries = fields.length > 0 ? table(['field', 'what', 'notes'], fields) : 'It carries nothing.'
  return `## ${event.type}\n\n${about}\n\n${carries}`
}

type Schema = {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly anyOf?: readonly Schema[]
  readonly 'x-sensitive'?: boolean
}

/** A row for each field, with those inside it after it. */
const fieldsOf = (schema: Schema, before = ''): string[][] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${before}${name}`
    const notes = [
      ...(field['x-sensitive'] ? ['sensitive'] : []),
      ...(schema.required?.includes(name) ? [] : ['may be absent']),
    ]
    const inner = field.items ? fieldsOf(field.items, `${path}[].`) : fieldsOf(field, `${path}.`)
    return [[`\`${path}\``, kindOf(field), notes.join(', ')], ...inner]
  })

const kindOf = ({ type, items, enum: values, pattern, anyOf }: Schema): string => {
  if (values) return values.map(value => `\`${String(value)}\``).join(' or ')
  if (anyOf) return anyOf.map(kindOf).join(' or ')
  if (type === 'array') return `list of ${items ? kindOf(items) : 'anything'}`
  return pattern ? `${type} like \`${pattern}\`` : (type ?? 'anything')
}
