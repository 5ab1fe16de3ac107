import { expect } from 'chai'
import fc from 'fast-check'
import { readSealed } from '../../reference/seals.ts'
import { OrderPlaced } from '../../services/contract/order.ts'
import { shop } from '../../services/contract/shop.ts'
import { upcasts } from '../../services/contract/upcasts.ts'
import { decode, type Envelope, singleType } from '../../shared/contract/envelope.ts'
import { checked } from '../../shared/contract/event.ts'
import { applyUpcasts, hasUpcasts, type Upcasts } from '../../shared/contract/upcast.ts'
import { SagaError } from '../../shared/runtime/errors.ts'

const type = 'parcel.weighed'
/** Grams as text, then as a number, then with whoever weighed it. */
const chain: Upcasts = {
  [type]: {
    1: data => ({ ...data, grams: Number(data.grams) }),
    2: data => ({ ...data, by: 'unknown' }),
  },
}
const without = (version: number): Upcasts => {
  const { [version]: _, ...rest } = chain[type] ?? {}
  return { [type]: rest }
}
const withLink = (version: number, upcast: unknown): Upcasts =>
  ({ [type]: { ...chain[type], [version]: upcast } }) as Upcasts

const errorOf = (work: () => unknown): SagaError => {
  try {
    work()
  } catch (error) {
    if (error instanceof SagaError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
const frozen = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) frozen(inner)
  return Object.freeze(value)
}

describe('old data', () => {
  it('are upcast link by link, from whichever version they have', () => {
    const newest = { grams: 12, by: 'unknown' }
    expect(applyUpcasts(chain, 3, { type, version: 1, data: { grams: '12' } })).to.deep.equal(newest)
    expect(applyUpcasts(chain, 3, { type, version: 2, data: { grams: 12 } })).to.deep.equal(newest)
    expect(applyUpcasts(chain, 3, { type, version: 3, data: newest })).to.equal(newest)
  })

  for (const [missing, from, step] of [
    [1, 1, 'v1 to v2'],
    [2, 1, 'v2 to v3'],
    [2, 2, 'v2 to v3'],
  ] as const)
    it(`are refused for good when v${from} would have to go from ${step} and no upcast does`, () => {
      const error = errorOf(() =>
        applyUpcasts(without(missing), 3, { type, version: from, data: { grams: '12' } }),
      )
      expect(error).to.include({ code: 'event-unknown', retry: 'never' })
      expect(error.message).to.include(`"${type}" ${step}: no upcast leads there`)
      expect(error.help).to.include('deploy')
      expect(hasUpcasts(without(missing))(type, from, 3)).to.equal(false)
      expect(hasUpcasts(chain)(type, from, 3)).to.equal(true)
    })

  it('are refused when a link throws, which is named with its versions and not with what it said', () => {
    const broken = withLink(2, () => {
      throw new TypeError('no such CANARY')
    })
    const error = errorOf(() => applyUpcasts(broken, 3, { type, version: 1, data: { grams: '12' } }))
    expect(error).to.include({ code: 'upcast-failed', retry: 'never' })
    expect(error.message).to.include(`"${type}" v2 to v3: the upcast threw TypeError`)
    expect(error.message).to.include('fix the upcast, or the sender').and.not.include('CANARY')
  })

  for (const nonsense of [undefined, null, 'text', 7, ['CANARY']])
    it(`are refused when a link returns ${JSON.stringify(nonsense)} for data`, () => {
      const error = errorOf(() =>
        applyUpcasts(
          withLink(1, () => nonsense),
          3,
          { type, version: 1, data: { grams: '12' } },
        ),
      )
      expect(error).to.include({ code: 'upcast-failed', retry: 'never' })
      expect(error.message).to.include(`"${type}" v1 to v2: the upcast returned no object`)
      expect(error.message).to.not.include('CANARY')
    })

  it('are refused when there is nothing to upcast', () => {
    for (const data of [undefined, null, 'text', [1]])
      expect(errorOf(() => applyUpcasts(chain, 3, { type, version: 1, data }))).to.include({
        code: 'event-invalid',
      })
  })

  it('are refused by the newest schema when they are upcast to something else, which says from where', () => {
    const error = errorOf(() => checked(OrderPlaced, { total: 'CANARY' }, 1))
    expect(error).to.include({ code: 'event-invalid', retry: 'never' })
    expect(error.message)
      .to.include(`order.placed v${OrderPlaced.version}, upcast from v1 by its upcasts: `)
      .and.include('total (invalid_type)')
      .and.not.include('CANARY')
  })

  it('of a type that is named like a part of every object are refused as unknown', () => {
    for (const stranger of ['__proto__', 'constructor', 'toString'])
      expect(errorOf(() => applyUpcasts(chain, 2, { type: stranger, version: 1, data: {} })).code).to.equal(
        'event-unknown',
      )
  })
})

const recorded = [...readSealed(new URL('../../../tests/contract/golden/', import.meta.url)).files].map(
  ([file, text]) => ({ file, json: JSON.parse(text) as Recorded }),
)
type Recorded = { type: string; dataversion: number; data: Record<string, unknown> }
const newestOf = (name: string) => shop.definitionOf(name)?.version ?? 0
const old = recorded.filter(({ json }) => json.dataversion < newestOf(json.type))

describe('the upcasts of the contract', () => {
  it('have something to upcast', () => {
    expect(old.map(({ file }) => file)).to.include('order.placed.v1.json')
  })

  for (const { file, json } of old) {
    const { type: name, dataversion: version } = json
    /** The recorded data with other money and other lines. */
    const anyData = fc
      .record({
        total: fc.oneof(fc.nat(), fc.double({ noNaN: true })),
        customerId: fc.string(),
        lines: fc.array(
          fc.record({ sku: fc.string(), quantity: fc.nat(), unitPrice: fc.double({ noNaN: true }) }),
        ),
      })
      .map(other => ({ ...json.data, ...other }))

    it(`change nothing that they are given, and always make the same of it: ${file}`, () => {
      fc.assert(
        fc.property(anyData, data => {
          const given = frozen(structuredClone(data))
          const once = applyUpcasts(upcasts, newestOf(name), { type: name, version, data: given })
          expect(applyUpcasts(upcasts, newestOf(name), { type: name, version, data })).to.deep.equal(once)
        }),
      )
    })

    it(`come to the same in one go and through every version in between: ${file}`, () => {
      fc.assert(
        fc.property(anyData, data => {
          let step: unknown = data
          for (let at = version; at < newestOf(name); at++)
            step = applyUpcasts(upcasts, at + 1, { type: name, version: at, data: step })
          expect(step).to.deep.equal(applyUpcasts(upcasts, newestOf(name), { type: name, version, data }))
        }),
      )
    })

    it(`make of what was recorded what the newest schema takes, field by field: ${file}`, () => {
      const [decoded] = decode(shop, bodyOf(json).body, singleType)
      if (!decoded || !('event' in decoded)) throw new Error(`refused: ${decoded?.error.message}`)
      const lifted = applyUpcasts(upcasts, newestOf(name), { type: name, version, data: json.data })
      expect(decoded.event.data).to.deep.equal(lifted)
    })
  }
})

const bodyOf = (json: unknown): Envelope => ({
  body: Buffer.from(JSON.stringify(json)),
  contentType: singleType,
})
