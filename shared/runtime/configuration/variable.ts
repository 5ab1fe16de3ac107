import { z } from 'zod'
import { msOf, parseDuration } from '../time/duration.ts'
import { addressesIn, escapesExpected, isDecodable, leadToOneCluster } from './addresses.ts'

/** What a variable is for, what a value looks like, and whether a value may be shown to anybody. */
export type VariableNote = { description: string; expected: string; secret?: boolean }

/** A schema with what is said about its variable. */
export const variable = <S extends z.ZodType>(schema: S, about: VariableNote): S => schema.meta({ ...about })

/** What was said about a variable; the reference page and every configuration error are made from it. */
export const variableNote = (schema: z.core.$ZodType): VariableNote => {
  const { description = '', expected = 'another value', secret = false } = z.globalRegistry.get(schema) ?? {}
  return { description, expected: String(expected), secret: secret === true }
}

// MongoDB has lists of hosts, which are no URL to Node: its driver reads them.
const isReadable = (text: string): boolean =>
  text.startsWith('mongodb') || (URL.canParse(text) && isDecodable(new URL(text)))

/** A URL of one of these schemes, given as `a|b`. */
export const url = (schemes: string) =>
  z
    .string()
    .regex(new RegExp(`^(${schemes})://[^\\s/]+\\S*$`))
    .refine(isReadable, { message: escapesExpected })
/** The URL of an HTTP service; its path stays before all that is asked for. */
export const httpUrl = url('https?').regex(/^[^?#]*$/)
/** A URL of Redis, whose path is the number of a database. */
export const redisUrl = url('rediss?').regex(/^[a-z]+:\/\/[^/?#]+(\/\d{0,5})?(\?\S*)?$/)
/** A URL of one of these schemes, or several that lead to the nodes of one cluster, separated by commas. */
export const addresses = (schemes: string) => {
  const one = `(${schemes})://[^\\s/]+(/[^\\s,]*)?`
  const message = 'addresses of one cluster, which differ in host and port only'
  return z
    .string()
    .regex(new RegExp(`^${one}(\\s*,\\s*${one})*$`))
    .refine(leadToOneCluster, { message })
    .refine(text => addressesIn(text).every(isReadable), { message: escapesExpected })
}

/** A whole number from `min` to `max`. */
export const whole = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max))
/** A port, 0 for any free one. */
export const port = whole(0, 65_535)
/** An IP address or host name. */
export const host = z.string().regex(/^[A-Za-z0-9.:_-]{1,253}$/)

/** `250ms`, `30s`, `10m` or `2h` as milliseconds. */
export const duration = z
  .string()
  .regex(/^[1-9]\d{0,8}(ms|s|m|h)$/)
  .transform(given => parseDuration(given) ?? Number.NaN)
  .pipe(z.int().max(msOf('7d')))

/** The holder of a bearer key. Keys are random, so their plain SHA-256 gives nothing away. */
export type KeyHolder = { readonly name: string; readonly sha256: string }

/** `name:sha256` pairs as the holders that they name. */
export const keyHolders = z
  .string()
  .transform(given => given.split(',').map(entry => entry.trim()))
  .pipe(z.array(z.string().regex(/^[A-Za-z0-9._-]{1,64}:[0-9a-fA-F]{64}$/)))
  .transform(entries =>
    entries.map((entry): KeyHolder => {
      const [name = '', sha256 = ''] = entry.split(':')
      return { name, sha256: sha256.toLowerCase() }
    }),
  )
/** What such pairs look like, in words. */
export const keysExpected =
  'name:sha256 pairs separated by commas, the SHA-256 of each key in 64 hexadecimal digits (echo -n KEY | sha256sum)'
