import { z } from 'zod'

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

/**
 * The data without the fields that its schema marks as sensitive, and without those that the schema does not know:
 * what is left may be shown to an operator.
 */
export const redacted = (schema: z.ZodType, data: unknown): unknown => {
  const { shape, element } = unwrapped(schema)
  if (isSensitive(schema)) return undefined
  if (element && Array.isArray(data)) return data.map(one => redacted(element, one))
  if (!shape) return data
  if (typeof data !== 'object' || data === null) return undefined
  const shown = Object.entries(shape)
    .filter(([name, field]) => Object.hasOwn(data, name) && !isSensitive(field))
    .map(([name, field]) => [name, redacted(field, (data as Record<string, unknown>)[name])])
  return Object.fromEntries(shown)
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

const textsIn = (data: unknown): string[] => {
  if (typeof data === 'string') return [data]
  return typeof data === 'object' && data !== null ? Object.values(data).flatMap(textsIn) : []
}
