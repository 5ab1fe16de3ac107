import type { OrderStatus } from '../services/contract/fields.ts'

/** Between how many milliseconds after its acceptance a cancel is asked for. */
type CancelWindow = readonly [from: number, to: number]

/** A kind of order: what its customer does, and where it may end. */
export type Kind = {
  /** Of a hundred orders. */
  readonly share: number
  readonly token: string
  readonly postalCode?: string
  /** Ordered from one SKU of which there is not enough for all. */
  readonly scarce?: true
  /** How often the same submission is sent at the same moment. */
  readonly copies?: number
  readonly cancel?: CancelWindow
  readonly ends: readonly OrderStatus[]
}

const race: CancelWindow = [0, 60]

/** Every kind of order that the demo submits, under the name that its report uses. */
export const kinds = {
  ordinary: { share: 26, token: 'tok_approve', ends: ['confirmed'] },
  'sent four times at once': { share: 10, token: 'tok_approve', copies: 4, ends: ['confirmed'] },
  'card declined': { share: 12, token: 'tok_decline', ends: ['rejected'] },
  'address refused': { share: 10, token: 'tok_approve', postalCode: 'XX0 0XX', ends: ['cancelled'] },
  'hardly in stock': { share: 8, token: 'tok_approve', scarce: true, ends: ['confirmed', 'rejected'] },
  'provider flaky': { share: 8, token: 'tok_flaky_2', ends: ['confirmed'] },
  'cancelled in flight': { share: 12, token: 'tok_approve', cancel: race, ends: ['confirmed', 'cancelled'] },
  'cancelled and declined': { share: 5, token: 'tok_decline', cancel: race, ends: ['rejected', 'cancelled'] },
  'cancelled while it is charged': {
    share: 6,
    token: 'tok_slow',
    cancel: [300, 1_500],
    ends: ['cancelled', 'confirmed'],
  },
  'charged without an answer': { share: 3, token: 'tok_timeout', ends: ['confirmed'] },
} as const satisfies Record<string, Kind>

export type KindName = keyof typeof kinds

/** Kinds of which no call waits: what their orders take is the system's time alone. */
export const isQuick = (kind: KindName): boolean =>
  !['tok_slow', 'tok_timeout', 'tok_flaky_2'].includes(kinds[kind].token)

/** A cancel that is asked for this soon (ms) comes before the end of a slow charge, which takes 5 s. */
export const inTimeMs = 3_000
