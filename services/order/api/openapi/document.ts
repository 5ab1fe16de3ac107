import { contact, contractVersion } from '../../../../shared/contract/version.ts'
import { namedSchemas, schemaOf } from './components.ts'
import type { Endpoint, Parameter, Tag } from './endpoint.ts'
import { type EndpointName, namedEndpoints } from './endpoints.ts'
import { problemExamples, problemSchemas, refusalsOfAny } from './problems.ts'
import { refusalResponses, requestHeaders, responseHeaders, responsesOf } from './responses.ts'

const all = namedEndpoints.map(([, endpoint]) => endpoint)
const refused = refusalsOfAny(all)

/** The public API in OpenAPI 3.1, from the schemas and the table that the routes are made from. Pure. */
export const openApiDocument = () => ({
  openapi: '3.1.1',
  info: {
    title: 'Choreo',
    version: contractVersion,
    summary: 'Orders, their stories and the stock.',
    description:
      'Amounts are integers in cents. Every no is a problem document (RFC 9457) whose `code` is stable. Where no key is configured, the API serves its own machine alone and needs none.',
    contact,
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/', description: 'The API that this document comes from.' }],
  tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
  security: [{ key: [] }],
  paths: pathsOf(namedEndpoints),
  components: {
    securitySchemes: {
      key: { type: 'http', scheme: 'bearer', description: 'The key of a caller or of an operator.' },
    },
    parameters: requestHeaders,
    headers: responseHeaders,
    responses: refusalResponses(all),
    examples: problemExamples(refused),
    schemas: { ...namedSchemas(), ...problemSchemas(refused) },
  },
})

const tags: Readonly<Record<Tag, string>> = {
  orders: 'Placing an order, and what becomes of it.',
  stories: 'What the journal has of orders; a moment behind.',
  stock: 'What can be bought, and how much is there.',
  about: 'This interface.',
}

const pathsOf = (endpoints: readonly [EndpointName, Endpoint][]) => {
  const paths: Record<string, Record<string, object>> = {}
  for (const [name, endpoint] of endpoints) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationOf(name, endpoint) }
  }
  return paths
}

const operationOf = (operationId: string, endpoint: Endpoint) => {
  const { tag, summary, description, audience, body } = endpoint
  const parameters = parametersOf(endpoint)
  return {
    ...{ operationId, tags: [tag], summary, description },
    ...(audience === 'anybody' && { security: [] }),
    ...(audience === 'operators' && { 'x-operators-only': true }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: jsonOf(body) } }),
    responses: responsesOf(endpoint),
  }
}

const jsonOf = ({ schema, example }: NonNullable<Endpoint['body']>) => ({
  'application/json': { schema: schemaOf(schema), example },
})

const parametersOf = ({ parameter, query = {}, headers = [] }: Endpoint): object[] => [
  ...(parameter ? [{ ...parameterOf('path', parameter.name, parameter), required: true }] : []),
  ...Object.entries(query).map(([name, one]) => parameterOf('query', name, one)),
  ...headers.map(name => ({ $ref: `#/components/parameters/${name}` })),
]

const parameterOf = (where: 'path' | 'query', name: string, about: Parameter) => ({
  ...{ name, in: where, description: about.description },
  ...{ schema: schemaOf(about.schema), example: about.example },
})
