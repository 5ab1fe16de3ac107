import { z } from 'zod'
import { textsIn } from '../runtime/text/masked.ts'
import type { Fact } from './event.ts'
import type { Saga } from './saga.ts'

type Node = z.ZodType & {
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly element?: z.ZodType
  readonly options?: readonly z.ZodType[]
  unwrap?(): z.ZodType
}

/** Marked itself, or as what is wrapped, or as one of several forms. */
const isSensitive = (schema: z.ZodType): boolean => {
  if (z.globalRegistry.get(schema)?.['x-sensitive'] === true) return true
  const node = schema as Node
  const forms = Array.isArray(node.options) ? node.options : []
  const inner = node.unwrap ? [node.unwrap()] : []
  return [...forms, ...inner].some(form => form instanceof z.ZodType && isSensitive(form))
}

type Redaction = (data: unknown) => unknown

/** A schema never changes, and finding out what it marks costs far more than leaving it out. */
const compiled = new WeakMap<z.ZodType, Redaction>()

/**
 * The data without the fields that its schema marks as sensitive, and without those that the schema does not
 * know: what is left may be shown to an operator.
 */
export const redacted = (schema: z.ZodType, data: unknown): unknown => redactionOf(schema)(data)

const redactionOf = (schema: z.ZodType): Redaction => {
  const known = compiled.get(schema)
  if (known) return known
  const redaction = compile(schema)
  compiled.set(schema, redaction)
  return redaction
}

const compile = (schema: z.ZodType): Redaction => {
  if (isSensitive(schema)) return () => undefined
  const { shape, element } = unwrapped(schema)
  if (shape) return ofFields(shape)
  if (!element) return data => data
  const each = redactionOf(element)
  return data => (Array.isArray(data) ? data.map(each) : data)
}

const ofFields = (shape: Readonly<Record<string, z.ZodType>>): Redaction => {
  const fields = Object.entries(shape)
    .filter(([, field]) => !isSensitive(field))
    .map(([name, field]) => [name, redactionOf(field)] as const)
  return data => {
    if (typeof data !== 'object' || data === null) return undefined
    const shown: Record<string, unknown> = {}
    for (const [name, redaction] of fields)
      if (Object.hasOwn(data, name)) shown[name] = redaction((data as Record<string, unknown>)[name])
    return shown
  }
}

/** Every text that stands in a field that the schema marks as sensitive. */
export const sensitiveTexts = (schema: z.ZodType, data: unknown): Set<string> => {
  if (isSensitive(schema)) return new Set(textsIn(data))
  const { shape, element } = unwrapped(schema)
  const parts =
    element && Array.isArray(data)
      ? data.map(one => sensitiveTexts(element, one))
      : Object.entries(shape ?? {}).map(([name, field]) =>
          sensitiveTexts(field, (data as Record<string, unknown> | null)?.[name]),
        )
  return new Set(parts.flatMap(part => [...part]))
}

const unwrapped = (schema: z.ZodType): Node => {
  const node = schema as Node
  return node.unwrap && !node.element ? unwrapped(node.unwrap()) : node
}

/**
 * Every sensitive text of these facts: what an error about them may quote and nobody may be shown. Of a type
 * that is not known everything counts, but for notes, which carry nothing sensitive.
 */
export const sensitiveIn = (
  { definitionOf }: Pick<Saga, 'definitionOf'>,
  facts: readonly Pick<Fact, 'type' | 'data' | 'note'>[],
): Set<string> =>
  new Set(
    facts.flatMap(({ type, data, note }) => {
      const definition = definitionOf(type)
      if (definition) return [...sensitiveTexts(definition.schema, data)]
      return note ? [] : textsIn(data)
    }),
  )
