import { z } from 'zod'
import type { Recorded } from './event.ts'
import type { Saga } from './saga.ts'

/**
 * The event with every sensitive field in its erased form. Ids, causes, times, money and everything else
 * stay, and its schema still takes it. What is none of the saga's events is returned as it is: notes carry
 * nothing sensitive. Pure; twice is as good as once.
 */
export const erasedEvent = <E extends Recorded>({ definitionOf }: Saga, event: E): E => {
  const definition = definitionOf(event.type)
  return definition ? { ...event, data: erased(definition.schema, event.data) } : event
}

const erased = (schema: z.core.$ZodType, value: unknown): unknown => {
  const meta = z.globalRegistry.get(schema)
  if (value === undefined || value === null) return value
  if (meta && 'x-erased' in meta) return meta['x-erased']
  if (schema instanceof z.ZodOptional) return erased(schema.unwrap(), value)
  if (schema instanceof z.ZodArray && Array.isArray(value))
    return value.map(item => erased(schema.element, item))
  if (schema instanceof z.ZodObject && typeof value === 'object') return erasedFields(schema.shape, value)
  return value
}

// Over the fields of the value, so that an event of an older version keeps what the newest one has no field
// for.
const erasedFields = (shape: Readonly<Record<string, z.core.$ZodType>>, value: object): object =>
  Object.fromEntries(
    Object.entries(value).map(([name, field]) => {
      const schema = shape[name]
      return [name, schema ? erased(schema, field) : field]
    }),
  )
