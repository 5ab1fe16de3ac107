import { z } from 'zod'
import type { Problem } from '../../../../shared/runtime/http/problem.ts'
import { problemOf, type RefusalCode, refusals } from '../refusals.ts'
import type { Endpoint } from './endpoint.ts'

/** The shape of every no (RFC 9457). */
export const ProblemDocument: z.ZodType<Problem> = z.object({
  type: z.string().describe('`urn:choreo:problem:` and the code.'),
  title: z.string(),
  status: z.int(),
  code: z.string().describe('What went wrong, for programs.'),
  detail: z.string().describe('What went wrong, for people.'),
  help: z.string().exactOptional().describe('What to do next.'),
  instance: z
    .string()
    .exactOptional()
    .describe('Which request this answers: what an operator finds in the log.'),
  errors: z
    .array(z.object({ field: z.string(), expected: z.string() }))
    .readonly()
    .exactOptional()
    .describe('The fields that were refused, and what belongs there.'),
})

/** What may become of any request, whatever it asks for. */
const ofAnyRequest: readonly RefusalCode[] = [
  ...([
    'request-malformed',
    'request-slow',
    'expectation-refused',
    'host-refused',
    'headers-too-large',
  ] as const),
  ...(['caller-busy', 'internal', 'busy', 'draining'] as const),
]
const ofKeys: readonly RefusalCode[] = ['key-missing', 'key-unknown']
const ofBodies: readonly RefusalCode[] = [
  'json-invalid',
  'fields-invalid',
  'body-too-large',
  'media-unsupported',
]

/** Every way in which an operation may say no. */
export const refusalsOf = ({ audience, body, headers, refuses }: Endpoint): readonly RefusalCode[] => {
  const all = new Set<RefusalCode>([
    ...refuses,
    ...ofAnyRequest,
    ...(audience === 'anybody' ? [] : ofKeys),
    ...(audience === 'operators' ? (['operator-only'] as const) : []),
    ...(body ? ofBodies : []),
    ...(headers?.includes('Idempotency-Key') ? (['fields-invalid'] as const) : []),
  ])
  return codes.filter(code => all.has(code))
}

/** Every way in which any of these operations may say no. */
export const refusalsOfAny = (endpoints: readonly Endpoint[]): readonly RefusalCode[] =>
  codes.filter(code => endpoints.some(endpoint => refusalsOf(endpoint).includes(code)))

const codes = Object.keys(refusals) as RefusalCode[]

/** The name of a problem's schema: `OrderUnknownProblem`. */
export const problemName = (code: RefusalCode): string =>
  `${code.replace(/(^|-)[a-z]/g, start => start.replace('-', '').toUpperCase())}Problem`

/** A schema for each of these ways of saying no, with just its status and its words. */
export const problemSchemas = (codes: readonly RefusalCode[]): Readonly<Record<string, object>> =>
  Object.fromEntries(
    codes.map(code => {
      const { type, status, title, help } = problemOf(code, '', {})
      const fixed = Object.entries({ type, status, title, code, help })
      return [
        problemName(code),
        {
          allOf: [{ $ref: '#/components/schemas/Problem' }],
          properties: Object.fromEntries(fixed.map(([name, value]) => [name, { const: value }])),
          required: ['help', 'instance'],
        },
      ]
    }),
  )

/** An example of each of these problems. */
export const problemExamples = (codes: readonly RefusalCode[]): Readonly<Record<string, object>> =>
  Object.fromEntries(codes.map(code => [code, { value: problemOf(code, exampleRequest, {}) }]))

const exampleRequest = '0123456789abcdefghijklmnop'
