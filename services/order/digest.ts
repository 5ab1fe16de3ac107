import { createHash } from 'node:crypto'

/** SHA-256 of a value as JSON: the same for the same, and nothing of it can be read back. */
export const digestOf = (value: unknown): Buffer =>
  createHash('sha256').update(JSON.stringify(value)).digest()
