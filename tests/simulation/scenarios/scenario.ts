export type OrderPlan = {
  readonly token: string
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[]
  readonly refusedByCarrier: boolean
  /** The step from which on its customer may ask for a cancel; undefined: never. */
  readonly cancelFrom?: number
  /** Sent twice at once, with the same Idempotency-Key. */
  readonly twice: boolean
}

/** Everything that a schedule may do besides progress, and how often at most. */
export const faultKinds = [
  'crash',
  'duplicate',
  'lose-reply',
  'fail-call',
  'wipe-cache',
  'cut-connection',
  'time-passes',
  'sweep-now',
  'sweep-stock',
  'poison',
  'poison-one',
  'killer',
  'deadline',
  'lose-disk',
  'refuse-writes',
] as const
export type FaultKind = (typeof faultKinds)[number]

/** What is given to a schedule before its first step. */
export type Scenario = {
  readonly orders: readonly OrderPlan[]
  /** Units per SKU, in lots of at most `lotSize`. */
  readonly stock: Readonly<Record<string, number>>
  readonly lotSize: number
  /** From how many open holds on a lot is full; more than there are orders unless given. */
  readonly room?: number
  readonly instances: number
  readonly prefetch: number
  /** Whether calls park after their effect too. */
  readonly fine: boolean
  readonly faults: Partial<Record<FaultKind, number>>
  /** The only service that faults befall; undefined: any. */
  readonly aim?: string
  /** Where the random numbers of its services begin; 0 unless given. */
  readonly salt?: number
  /** How often a killer event takes its process down before it is fixed. */
  readonly killsEach: number
  /** How many operators decide about stuck calls; none unless given. */
  readonly deciders?: number
  /** Whether they wait for a refund that is under way. */
  readonly decideLate?: boolean
  /** How long dead letters lie before their cause is fixed and they are replayed (ms). */
  readonly replayAfter: number
}
