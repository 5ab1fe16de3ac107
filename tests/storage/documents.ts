import fc from 'fast-check'
import { type OrderId, orderIdOf } from '../../services/contract/ids.ts'
import { eventId } from '../../shared/contract/ids.ts'
import { blank, type Change, record, type SagaDocument } from '../../shared/saga/document/document.ts'
import { newOrder } from '../support/events.ts'

export type State = { status: string; count: number; tags?: string[] }
export const initial: State = { status: 'none', count: 0 }

/** The `n`th of ids that sort in order of `n`. */
export const orderNumber = (n: number): OrderId => orderIdOf(n.toString(32).padStart(26, '0'))

export const unknownOrder = (orderId: OrderId = newOrder()): SagaDocument<State> => blank(orderId, initial)

export const id = (orderId: OrderId, n: number) => eventId(orderId, 'order', n)

/** `count` facts, recorded after those that the document has. */
export const facts = (document: SagaDocument<State>, count: number) =>
  record(
    document,
    Array.from({ length: count }, (_, n) => ({
      type: 'order.placed',
      version: 2,
      data: { lines: [{ sku: 'SKU-0', quantity: n }], total: 2 ** 40, note: null },
      note: false,
    })),
    { service: 'order', at: 1_700_000_000_000, cause: id(document.subject, 99) },
  )

// MongoDB keeps -0; JSON and our facts have no such number.
const anyNumber = fc
  .oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map(n => n + 0)

const anyState: fc.Arbitrary<State> = fc.record(
  {
    status: fc.string({ unit: 'grapheme', maxLength: 5 }),
    count: anyNumber,
    tags: fc.array(fc.string({ maxLength: 3 }), { maxLength: 3 }),
  },
  { requiredKeys: ['status', 'count'] },
)

const anyCall = fc.anything({
  key: fc.stringMatching(/^[a-z]{1,3}$/),
  values: [fc.string(), anyNumber, fc.boolean(), fc.constant(null)],
  maxDepth: 2,
})

/** A change for whatever document it meets. */
export const anyChange = fc
  .record(
    {
      state: anyState,
      events: fc.nat(3),
      inbox: fc.array(
        fc.tuple(fc.integer({ min: 90, max: 93 }), fc.constantFrom('applied', 'ignored', 'dead')),
        {
          maxLength: 3,
        },
      ),
      token: fc.nat(5),
      intent: fc.option(fc.record({ call: anyCall }), { nil: null }),
      unsent: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 2 }),
      due: fc.option(fc.integer({ min: 0, max: 2 ** 42 }), { nil: null }),
    },
    { requiredKeys: [] },
  )
  .map(shape => (document: SagaDocument<State>): Change<State> => {
    const { events, inbox, intent, unsent, ...same } = shape
    const nth = (n: number) => id(document.subject, n)
    return {
      ...same,
      ...(events !== undefined && { events: facts(document, events) }),
      ...(inbox && { inbox: Object.fromEntries(inbox.map(([n, outcome]) => [nth(n), { outcome }])) }),
      ...(unsent && { unsent: unsent.map(nth) }),
      ...(intent !== undefined && {
        intent: intent && {
          source: { id: nth(99), type: 'order.placed' },
          call: intent,
          record: 'once' as const,
        },
      }),
    }
  })
