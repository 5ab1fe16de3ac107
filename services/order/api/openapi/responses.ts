import { problemType } from '../../../../shared/runtime/http/problem.ts'
import { type RefusalCode, refusals } from '../refusals.ts'
import { schemaOf } from './components.ts'
import type { Endpoint, RequestHeader, Success } from './endpoint.ts'
import { problemName, refusalsOf } from './problems.ts'
import { IdempotencyKey } from './requests.ts'

/** Everything that an operation answers, by status. */
export const responsesOf = (endpoint: Endpoint): Readonly<Record<string, object>> =>
  Object.fromEntries([
    ...endpoint.answers.map(answer => [answer.status, successOf(answer)]),
    ...refusalsByStatus(endpoint).map(([status, codes]) => [
      status,
      { $ref: `#/components/responses/${nameOf(codes)}` },
    ]),
  ])

/**
 * The ways of saying no that any of these operations has under one status, by the name that operations refer
 * to.
 */
export const refusalResponses = (endpoints: readonly Endpoint[]): Readonly<Record<string, object>> =>
  Object.fromEntries(
    endpoints
      .flatMap(refusalsByStatus)
      .map(([status, codes]) => [nameOf(codes), refusalOf(status, codes)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )

type Refusing = readonly [status: number, codes: readonly RefusalCode[]]

const refusalsByStatus = (endpoint: Endpoint): readonly Refusing[] => {
  const codes = refusalsOf(endpoint)
  const statuses = [...new Set(codes.map(statusOf))].sort((a, b) => a - b)
  return statuses.map(status => [status, codes.filter(code => statusOf(code) === status)])
}

const nameOf = (codes: readonly RefusalCode[]): string => codes.join('.')

const statusOf = (code: RefusalCode): number => refusals[code][0]

const successOf = (answer: Success) => ({
  description: answer.description,
  headers: headersOf(answer.headers ?? []),
  ...contentOf(answer),
})

const contentOf = (answer: Success) => {
  if ('empty' in answer) return {}
  const { example } = answer
  if ('schema' in answer)
    return { content: { 'application/json': { schema: schemaOf(answer.schema), example } } }
  // OpenAPI 3.1 has no word for the events of a stream, so that their data is described beside its schema.
  const data = { oneOf: answer.events.map(schemaOf) }
  return { content: { 'text/event-stream': { schema: { type: 'string' }, example, 'x-event-data': data } } }
}

const refusalOf = (status: number, codes: readonly RefusalCode[]) => ({
  description: `${codes.map(code => refusals[code][1]).join(', or: ')}.`,
  headers: headersOf(extraHeaders(status)),
  content: { [problemType]: { schema: problemSchema(codes), examples: examplesOf(codes) } },
})

const extraHeaders = (status: number): readonly ResponseHeader[] => {
  if (status === 401) return ['WWW-Authenticate']
  return status === 429 || status === 503 ? ['Retry-After'] : []
}

const problemSchema = (codes: readonly RefusalCode[]): object => {
  const mapping = Object.fromEntries(codes.map(code => [code, refOf(code)]))
  const oneOf = codes.map(code => ({ $ref: refOf(code) }))
  return oneOf.length > 1 ? { oneOf, discriminator: { propertyName: 'code', mapping } } : { ...oneOf[0] }
}

const refOf = (code: RefusalCode) => `#/components/schemas/${problemName(code)}`

const examplesOf = (codes: readonly RefusalCode[]) =>
  Object.fromEntries(codes.map(code => [code, { $ref: `#/components/examples/${code}` }]))

const headersOf = (names: readonly ResponseHeader[]) =>
  Object.fromEntries(['X-Request-Id', ...names].map(name => [name, { $ref: `#/components/headers/${name}` }]))

/** The headers that requests may have; a request without them is as good. */
export const requestHeaders: Readonly<Record<RequestHeader, object>> = {
  'Idempotency-Key': {
    ...{ name: 'Idempotency-Key', in: 'header' },
    description: 'Makes repeating the request harmless: one wish of one caller, one key.',
    schema: schemaOf(IdempotencyKey),
    example: '8e03978e-40d5-43e8-bc93-6894a57f9324',
  },
  'Last-Event-ID': {
    ...{ name: 'Last-Event-ID', in: 'header' },
    description: 'The id of the last event that the client has.',
    schema: { type: 'string' },
    example: 'ord_0123456789abcdefghijklmnop:order:2',
  },
  traceparent: {
    ...{ name: 'traceparent', in: 'header' },
    description: 'The trace that the client is in (W3C Trace Context).',
    schema: { type: 'string' },
    example: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  },
}

/** The headers of answers that mean something to a client. */
export const responseHeaders = {
  'X-Request-Id': {
    description: 'Names this request in the log; absent when the request could not be read at all.',
    schema: { type: 'string' },
  },
  Location: {
    description: 'The path of what was made.',
    required: true,
    schema: { type: 'string', format: 'uri-reference' },
  },
  'Retry-After': {
    description: 'Ask again after so many seconds.',
    required: true,
    schema: { type: 'integer', minimum: 1 },
  },
  'WWW-Authenticate': { description: 'How to ask.', required: true, schema: { type: 'string' } },
} as const

type ResponseHeader = keyof typeof responseHeaders
