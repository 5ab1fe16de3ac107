import { z } from 'zod'
import { contractVersion } from '../../../../shared/contract/version.ts'
import { document, type Endpoint } from './endpoint.ts'

/** A description of this interface, in OpenAPI 3.1. */
export const Description = z.looseObject({ openapi: z.string(), info: z.unknown(), paths: z.unknown() })

const describeDoor = {
  method: 'GET',
  path: '/openapi.json',
  tag: 'about',
  summary: 'Describe this interface',
  description: 'For programs and for pages that show it. It needs no key.',
  audience: 'anybody',
  answers: [
    document(200, {
      description: 'This document.',
      schema: Description,
      example: { openapi: '3.1.1', info: { title: 'Choreo', version: contractVersion }, paths: {} },
    }),
  ],
  refuses: [],
} as const satisfies Endpoint

/** What the API says of itself. */
export const aboutEndpoints = { describeDoor }
