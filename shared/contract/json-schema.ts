import type { z } from 'zod'

/**
 * Makes a JSON Schema one for every reader. What says nothing to them goes: the pattern of dates, which their
 * format says too, the bounds of JavaScript's numbers, and what takes the place of an erased value. Patterns
 * do without the classes of Unicode, which many a validator cannot read; lone surrogates, which these name
 * besides, are in no text that travels. Changes it in place, as Zod's `override` does.
 */
export const forReaders = ({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void => {
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum
  delete jsonSchema['x-erased']
  if (jsonSchema.pattern) jsonSchema.pattern = jsonSchema.pattern.replaceAll(unicode, plain)
}

const unicode = '[^\\p{Cc}\\p{Cs}]'
const plain = '[^\\u0000-\\u001f\\u007f-\\u009f]'
