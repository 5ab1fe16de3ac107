import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { anOrder } from '../../../../../harness/an-order.ts'
import { refusals } from '../../../../../services/order/api/refusals.ts'
import { routes } from '../../../../../services/order/api/routes.ts'
import { projectFolder } from '../../../../../system/project.ts'
import { changed } from '../../../../support/changed.ts'
import { closeApis, openApi } from '../api-server.ts'
import { ada, as, config, operator } from '../api-with-keys.ts'
import { description, examplesOf, faultOf, operationFor, operations, resolved } from './documented.ts'
import { findingsIn } from './lint.ts'

/** A path of the operation, with its own examples in it. */
const pathOf = ({ path, parameters = [] }: (typeof operations)[number]) =>
  parameters.reduce((text, { name, example = '' }) => text.replace(`{${name}}`, String(example)), path)

describe('the OpenAPI document', () => {
  it('is one that the linter has nothing to say against', async () => {
    expect(await findingsIn(description)).to.deep.equal([])
  })

  const placing = ['paths', '/orders', 'post']
  const breaks: Record<string, readonly [rule: string, place: readonly string[], value?: unknown]> = {
    'of a version that there is not': ['oas3-schema openapi', ['openapi'], '3.1'],
    'with a path that does not begin with a slash': ['oas3-schema paths', ['paths', 'orders'], {}],
    'with a word that there is not': ['oas3-schema paths /orders post', [...placing, 'sumary'], 'x'],
    'with an answer that nobody describes': [
      'oas3-schema components responses order-unknown',
      ['components', 'responses', 'order-unknown', 'description'],
    ],
    'with a schema of a type that there is not': [
      'oas3-schema components schemas Sku type',
      ['components', 'schemas', 'Sku', 'type'],
      'text',
    ],
    'with a reference that leads nowhere': [
      'invalid-ref paths /orders post requestBody $ref',
      [...placing, 'requestBody'],
      { $ref: '#/components/requestBodies/none' },
    ],
    'with an example that its schema does not take': [
      'oas3-valid-media-example paths /orders post requestBody content application/json example',
      [...placing, 'requestBody', 'content', 'application/json', 'example'],
      {},
    ],
    'with one name for two operations': [
      'operation-operationId-unique paths /orders get operationId',
      [...placing, 'operationId'],
      'listOrders',
    ],
    'with a variable path whose variable nobody describes': [
      'path-params paths /orders/{id} get',
      ['paths', '/orders/{id}', 'get', 'parameters'],
    ],
    'with a key that is described nowhere': [
      'oas3-operation-security-defined security 0 k',
      ['security'],
      [{ k: [] }],
    ],
    'with an operation that says nothing of itself': [
      'operation-description paths /orders post',
      [...placing, 'description'],
    ],
    'with an operation of a kind that is described nowhere': [
      'operation-tag-defined paths /orders post tags 0',
      [...placing, 'tags'],
      ['parcels'],
    ],
    'with nobody who answers for it': ['info-contact info', ['info', 'contact']],
    'with a component that nothing uses': [
      'oas3-unused-component components schemas Unused',
      ['components', 'schemas', 'Unused'],
      { type: 'string' },
    ],
  }
  for (const [what, [rule, place, value]] of Object.entries(breaks))
    it(`would not be ${what}`, async () => {
      expect(await findingsIn(changed(description, place, value))).to.include(rule)
    })

  it('has a schema that compiles for everything, and no reference that leads nowhere', () => {
    const refs = JSON.stringify(description).match(/(?<="\$ref":")[^"]+/g) ?? []
    for (const $ref of new Set(refs)) expect(resolved<unknown>({ $ref }), $ref).to.be.an('object')
    for (const name of Object.keys(description.components.schemas))
      expect(() => faultOf({ $ref: `#/components/schemas/${name}` }, {}), name).to.not.throw()
  })

  it('has examples that its schemas take', () => {
    const bodies = operations.flatMap(({ requestBody = {}, responses }) => [
      requestBody,
      ...Object.values(responses).map(resolved),
    ])
    for (const content of bodies.flatMap(({ content = {} }) => Object.values(content))) {
      expect(examplesOf(content)).to.not.be.empty
      for (const value of examplesOf(content))
        expect(faultOf(content.schema, value), JSON.stringify(value)).to.equal(undefined)
    }
    for (const one of operations.flatMap(({ parameters = [] }) => parameters)) {
      const { name, schema = {}, example } = resolved(one)
      expect(faultOf(schema, example), name).to.equal(undefined)
    }
  })

  it('says no in every way of the table, with its status and its title', () => {
    const said = new Map<string, number>()
    for (const { responses } of operations)
      for (const [status, answer] of Object.entries(responses)) {
        const { examples = {} } = resolved(answer).content?.['application/problem+json'] ?? { schema: {} }
        for (const code of Object.keys(examples)) said.set(code, Number(status))
      }
    // What belongs to no path or to no method of it belongs to no operation.
    const table = Object.entries(refusals).filter(
      ([code]) => !['route-unknown', 'method-not-allowed'].includes(code),
    )
    expect([...said].sort()).to.deep.equal(table.map(([code, [status]]) => [code, status]).sort())
    for (const [code, { value }] of Object.entries(
      description.components.examples as Record<string, { value: { title: string } }>,
    ))
      expect(value.title).to.equal(refusals[code as keyof typeof refusals][1])
  })

  it('has the version of the package', () => {
    const { version } = JSON.parse(readFileSync(`${projectFolder}/package.json`, 'utf8')) as {
      version: string
    }
    expect(description.info.version).to.equal(version)
  })

  it('names those whom the licence names', () => {
    const [, holder] =
      readFileSync(`${projectFolder}/LICENSE`, 'utf8').match(/^Copyright \(c\) \d+ (.+)$/m) ?? []
    expect(description.info.contact.name).to.equal(holder)
  })
})

describe('the routes of the public API and its OpenAPI document', () => {
  afterEach(closeApis)

  it('have the same paths and methods', () => {
    const served = Object.entries(routes({} as never)).flatMap(([path, handlers]) =>
      Object.keys(handlers).map(method => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`),
    )
    expect(operations.map(({ method, path }) => `${method} ${path}`)).to.have.members(served)
  })

  it('have the same methods when a client asks for another one', async () => {
    const door = await openApi()
    for (const path of new Set(operations.map(pathOf))) {
      const { status, headers } = await door.send('DELETE', path)
      const methods = ['GET', 'POST'].filter(method => operationFor(method, path))
      const allowed = methods.flatMap(method => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
      expect([path, status]).to.deep.equal([path, 405])
      expect((headers.get('allow') ?? '').split(', ')).to.have.members(allowed)
    }
  })

  it('ask for a key, or for an operator, at the same operations', async () => {
    const door = await openApi({ config, operator })
    for (const operation of operations) {
      const { method, security, 'x-operators-only': operatorsOnly } = operation
      const { json, status } = await door.send(method, pathOf(operation))
      expect([operation.path, json.code === 'key-missing']).to.deep.equal([
        operation.path,
        security === undefined,
      ])
      expect(status < 400).to.equal(security !== undefined)
      const asCaller = await door.send(method, pathOf(operation), { headers: as(ada) })
      expect(asCaller.json.code === 'operator-only').to.equal(operatorsOnly === true)
    }
  })

  it('agree on which orders are well-formed', async () => {
    const door = await openApi()
    const { requestBody } = operationFor('POST', '/orders') ?? {}
    const schema = requestBody?.content?.['application/json']?.schema ?? {}
    const { payment, ...unpaid } = anOrder()
    const line = { sku: 'SKU-0', quantity: 1 }
    const bodies: unknown[] = [
      ...[anOrder(), unpaid, [], null, 1, { ...anOrder(), total: 1 }, { ...unpaid, payment: { token: 'x' } }],
      ...[0, 1, 1_000, 1_001, 1.5, '1', null].map(quantity => ({
        ...anOrder(),
        lines: [{ ...line, quantity }],
      })),
      ...['', 'SKU 0', '-', 'a'.repeat(41)].map(sku => ({ ...anOrder(), lines: [{ ...line, sku }] })),
      ...['', 'a\u0000', 'a'.repeat(100), 'a'.repeat(101)].map(customerId => ({ ...anOrder(), customerId })),
      ...[
        { ...anOrder(), lines: [] },
        { ...anOrder(), shipTo: { ...anOrder().shipTo, city: undefined } },
      ],
      ...[
        { ...anOrder(), shipTo: { ...anOrder().shipTo, note: 'x' } },
        { ...unpaid, payment: { ...payment, cvc: 1 } },
      ],
    ]
    for (const body of bodies) {
      const { status } = await door.send('POST', '/orders', { body })
      const fault = faultOf(schema, JSON.parse(JSON.stringify(body)))
      expect(status === 400, `${JSON.stringify(body)} ${status} ${fault}`).to.equal(fault !== undefined)
    }
  })
})
