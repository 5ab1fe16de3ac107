import type { OrderBody } from '../harness/api-client.ts'
import type { KindName } from '../harness/order-kinds.ts'

/** One order of a workload: what is submitted, what its customer does then, and where it may end. */
export type Offered = { readonly body: OrderBody; readonly cancel: boolean; readonly kind: KindName }

/** What is offered to a system, the n-th order of it always the same. */
export type Workload = {
  /** In a sentence, for the report. */
  readonly about: string
  /** Units of each SKU that the stock has to begin with. */
  readonly stockUnits: number
  /** True when every event is published three times. */
  readonly tripled?: true
  /** How often each service runs; once unless given. */
  readonly instances?: 2
  readonly order: (n: number) => Offered
}

const skus = 100
const plenty = 100_000
const shipTo = { name: 'A', line1: '1 High Street', city: 'Bristol', postalCode: 'BS1 1AA', country: 'GB' }
const declinedOnce = (n: number) => n % 20 === 19

const twoLines = (n: number) => {
  const [first, second] = [`SKU-${n % skus}`, `SKU-${(n * 7 + 13) % skus}`]
  return [{ sku: first, quantity: 1 }, ...(second === first ? [] : [{ sku: second, quantity: 2 }])]
}

const oneLine = () => [{ sku: 'SKU-0', quantity: 1 }]

/** Twenty SKUs that differ: 3 has no divisor in common with 100. */
const twentyLines = (n: number) =>
  Array.from({ length: 20 }, (_, i) => ({ sku: `SKU-${(n + 3 * i) % skus}`, quantity: 1 }))

type Shape = { lines?: (n: number) => OrderBody['lines']; declined?: (n: number) => boolean }

const bodyOf = (n: number, { lines = twoLines, declined = declinedOnce }: Shape): OrderBody => ({
  customerId: `c-${n % 500}`,
  lines: lines(n),
  payment: { token: declined(n) ? 'tok_decline' : 'tok_approve' },
  shipTo,
})

const kindOf = (isDeclined: boolean, cancel: boolean): KindName => {
  if (cancel) return isDeclined ? 'cancelled and declined' : 'cancelled in flight'
  return isDeclined ? 'card declined' : 'ordinary'
}

const shaped =
  (shape: Shape, cancelled: (n: number) => boolean = () => false) =>
  (n: number): Offered => {
    const body = bodyOf(n, shape)
    const cancel = cancelled(n)
    return { body, cancel, kind: kindOf(body.payment.token === 'tok_decline', cancel) }
  }

/** Every workload by its name. */
export const workloads = {
  order: {
    about: '2 lines over 100 SKUs, every 20th payment declined',
    stockUnits: plenty,
    order: shaped({}),
  },
  hot: {
    about: 'one line, always the same SKU, every 20th payment declined',
    stockUnits: plenty,
    order: shaped({ lines: oneLine }),
  },
  undo: {
    about: 'as `order`, but every payment is declined',
    stockUnits: plenty,
    order: shaped({ declined: () => true }),
  },
  cancel: {
    about: 'as `order`, and every fifth order is asked to be cancelled right after its acceptance',
    stockUnits: plenty,
    order: shaped({}, n => n % 5 === 0),
  },
  large: {
    about: '20 lines an order, every 20th payment declined',
    stockUnits: plenty,
    order: shaped({ lines: twentyLines }),
  },
  duplicates: {
    about: 'as `order`, and every event is published three times',
    stockUnits: plenty,
    tripled: true,
    order: shaped({}),
  },
  stocked: {
    about: 'as `order`, with 1,000,000 units of every SKU in stock',
    stockUnits: 1_000_000,
    order: shaped({}),
  },
  pairs: {
    about: 'as `order`, over two instances of each service; calls go to both public APIs in turn',
    stockUnits: plenty,
    instances: 2,
    order: shaped({}),
  },
} as const satisfies Record<string, Workload>

export type WorkloadName = keyof typeof workloads

/** What a workload needs of the system that it is offered to. */
export type Needs = { readonly stockUnits: number; readonly instances: 1 | 2 }

/** What a workload needs of the system that it is offered to. Pure. */
export const needsOf = ({ stockUnits, instances }: Workload): Needs => ({
  stockUnits,
  instances: instances ?? 1,
})

/** The workload of this name. */
export const workloadOf = (name: WorkloadName): Workload => workloads[name]
