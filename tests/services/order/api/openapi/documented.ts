import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { openApiDocument } from '../../../../../services/order/api/openapi/document.ts'

type Json = Record<string, unknown>

/** One way of answering: its headers by name, and what is in it by content type. */
export type DocumentedAnswer = {
  readonly headers?: Readonly<Record<string, { readonly required?: boolean; readonly schema?: Json }>>
  readonly content?: Readonly<Record<string, DocumentedContent>>
}

export type DocumentedContent = {
  readonly schema: Json
  readonly example?: unknown
  readonly examples?: Readonly<Record<string, { readonly value?: unknown }>>
  readonly 'x-event-data'?: Json
}

/** What a request may have besides its body, or a reference to it. */
export type DocumentedParameter = {
  readonly name?: string
  readonly schema?: Json
  readonly example?: string | number
}

/** One operation as the document has it. */
export type Operation = {
  readonly method: string
  /** With `{name}` for what varies. */
  readonly path: string
  readonly operationId: string
  readonly security?: readonly object[]
  readonly 'x-operators-only'?: true
  readonly parameters?: readonly DocumentedParameter[]
  readonly requestBody?: DocumentedAnswer
  readonly responses: Readonly<Record<string, DocumentedAnswer>>
}

/** The document as a client gets it. */
export const description = JSON.parse(JSON.stringify(openApiDocument())) as ReturnType<typeof openApiDocument>

/** What a reference of the document leads to; anything else is itself. Throws when it leads nowhere. */
export const resolved = <T>(value: T): T => {
  const ref = (value as { $ref?: string }).$ref
  if (ref === undefined) return value
  const found = ref
    .split('/')
    .slice(1)
    .reduce<unknown>((at, step) => (at as Json | undefined)?.[step], description)
  if (found === undefined) throw new Error(`${ref} leads nowhere`)
  return found as T
}

/** The examples that the document has of some content. */
export const examplesOf = ({ example, examples = {} }: DocumentedContent): readonly unknown[] => [
  ...(example === undefined ? [] : [example]),
  ...Object.values(examples).map(one => resolved(one).value),
]

/** Every operation of the document. */
export const operations: readonly Operation[] = Object.entries(description.paths).flatMap(([path, item]) =>
  Object.entries(item as Record<string, Omit<Operation, 'path' | 'method'>>).map(([method, operation]) => ({
    ...operation,
    ...{ path, method: method.toUpperCase() },
  })),
)

// Clients ignore what they do not know. Here it is an error: what an answer has must be documented.
const closed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(closed)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([name, inner]) => [name, closed(inner)])
  const isOpen = 'properties' in value && 'type' in value && !('additionalProperties' in value)
  return Object.fromEntries(isOpen ? [...fields, ['additionalProperties', false]] : fields)
}

const ajv = new Ajv2020({
  ...{ strict: true, strictTypes: false, strictRequired: false, allErrors: true },
  keywords: ['x-sensitive', 'discriminator'],
  formats: {
    date: /^\d{4}-\d\d-\d\d$/,
    'date-time': (text: string) => /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) && !Number.isNaN(Date.parse(text)),
    'uri-reference': (text: string) => URL.canParse(text, 'http://localhost'),
    base64url: /^[\w-]*$/,
  },
})
const inAjv = (schema: object): object =>
  JSON.parse(JSON.stringify(closed(schema)).replaceAll('#/components/schemas/', 'doc#/$defs/')) as object
ajv.addSchema({ $id: 'doc', $defs: inAjv(description.components.schemas) })

const compiled = new WeakMap<object, ValidateFunction>()

/** What is wrong with a value by a schema of the document, in words; undefined when nothing is. */
export const faultOf = (schema: object, value: unknown): string | undefined => {
  const validate = compiled.get(schema) ?? ajv.compile(inAjv(schema))
  compiled.set(schema, validate)
  return validate(value) ? undefined : ajv.errorsText(validate.errors)
}

/** The operation that a request is for; undefined when the document has none. */
export const operationFor = (method: string, path: string): Operation | undefined =>
  operations.find(one => {
    const pattern = new RegExp(`^${one.path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`)
    return one.method === method && pattern.test(path.split('?')[0] ?? '')
  })

/** An answer as a client sees it. */
export type Seen = { readonly status: number; readonly headers: Headers; readonly text: string }

/**
 * Throws unless the document describes this answer to this request: its status, its headers and its whole
 * content.
 */
export const mustBeDocumented = (method: string, path: string, seen: Seen): void => {
  const operation = operationFor(method, path)
  const answer = operation ? operation.responses[seen.status] : anyProblem
  const fault = answer ? answerFault(resolved(answer), seen) : 'no such status'
  if (fault === undefined) return
  throw new Error(`${method} ${path} answered ${seen.status}, and the OpenAPI document does not: ${fault}`)
}

// What is asked for at no documented path, or with another method, has no operation that could describe the
// answer.
const anyProblem: DocumentedAnswer = {
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
}

const answerFault = (answer: DocumentedAnswer, seen: Seen): string | undefined => {
  const headers = Object.entries(answer.headers ?? {})
  const faults = headers.map(([name, header]) => headerFault(name, resolved(header), seen.headers))
  return faults.find(fault => fault !== undefined) ?? contentFault(answer, seen)
}

const headerFault = (name: string, header: { required?: boolean; schema?: Json }, seen: Headers) => {
  const value = seen.get(name)
  if (value === null) return header.required ? `${name} is missing` : undefined
  const { schema = {} } = header
  return faultOf(schema, schema.type === 'integer' ? Number(value) : value)
}

const contentFault = ({ content }: DocumentedAnswer, { headers, text }: Seen): string | undefined => {
  if (!content) return text === '' ? undefined : 'content'
  const type = headers.get('content-type') ?? ''
  const described = content[type]
  if (!described) return `content of type ${type}`
  return faultOf(described.schema, type.includes('json') ? JSON.parse(text) : text)
}
