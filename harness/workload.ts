import type { Receipt, ShownOrder } from '../services/order/http/api/answers.ts'
import { type Clock, sleep } from '../shared/runtime/clock.ts'
import { codeOf } from '../shared/runtime/errors.ts'
import type { Door } from './door.ts'
import { inParallel } from './in-parallel.ts'
import type { Planned } from './plan.ts'

/** What is known of one order of the run, as it changes. */
export type Tracked = {
  readonly planned: Planned
  /** Every order id that was answered to its key; more than one is wrong. */
  readonly orderIds: Set<string>
  /** As the door quoted it, in cents. */
  total?: number
  /** All instants are ms since the epoch. */
  acceptedAt?: number
  cancelAskedAt?: number
  settledAt?: number
  lookedAt?: number
  seen?: ShownOrder
  /** Why it was never accepted or could not be cancelled. */
  failure?: string
}

/** Orders under way. */
export type Workload = {
  /** Submits these orders at once, and asks for the cancels that belong to them; resolves when all are accepted and asked. */
  submit(orders: readonly Planned[]): Promise<void>
  /** Everything so far, in the order it was submitted. */
  orders(): readonly Tracked[]
  /** Looks at what is open until all of it has settled or `until` (ms since the epoch) has come; answers whether all has. */
  settle(until: number): Promise<boolean>
}

// Below the door's own bound, also for one caller of several.
const atOnce = 48
const lookedAtPerRound = 64
const pause = { shortestMs: 100, longestMs: 1_000 }

/** Settled is more than ended: nothing is awaited any more. */
export const isSettled = ({ status, awaiting }: ShownOrder): boolean =>
  status !== 'placed' && awaiting.length === 0

/** Submits orders through the door and follows them to their end. */
export const startWorkload = ({ door, clock }: { door: Door; clock: Clock }): Workload => {
  const tracked: Tracked[] = []
  const submitOne = async (order: Tracked): Promise<() => Promise<void>> => {
    const { key, body, copies } = order.planned
    const answers = await Promise.all(Array.from({ length: copies }, () => door.place(body, key)))
    const accepted = answers.filter((answer): answer is Receipt => answer !== undefined)
    for (const { orderId } of accepted) order.orderIds.add(orderId)
    const [first] = accepted
    if (!first) {
      order.failure = 'the door refused it'
      return async () => {}
    }
    order.total = first.total
    order.acceptedAt = clock.now()
    return () => cancelOne(order, first.orderId)
  }
  const cancelOne = async (order: Tracked, orderId: string) => {
    if (order.planned.cancelAfterMs === undefined) return
    await sleep(clock, order.planned.cancelAfterMs)
    if (await door.cancel(orderId)) order.cancelAskedAt = clock.now()
  }
  const submit = async (orders: readonly Planned[]) => {
    const batch = orders.map((planned): Tracked => ({ planned, orderIds: new Set() }))
    tracked.push(...batch)
    const noted = (order: Tracked) => (error: unknown) => {
      order.failure ??= codeOf(error)
    }
    const cancels: Promise<void>[] = []
    await inParallel(atOnce, batch, async order => {
      const next = await submitOne(order).catch(noted(order))
      if (next) cancels.push(next().catch(noted(order)))
    })
    await Promise.all(cancels)
  }
  return { submit, orders: () => tracked, settle: until => settle({ door, clock, until }, tracked) }
}

const settle = async (
  { door, clock, until }: { door: Door; clock: Clock; until: number },
  tracked: readonly Tracked[],
): Promise<boolean> => {
  for (;;) {
    const began = clock.now()
    await inParallel(atOnce, next(tracked), order => look(door, clock, order))
    if (isDone(tracked)) return true
    if (clock.now() >= until) return false
    // Looking takes the system's time as well: a third of it at most, unless the system is very slow.
    const spent = clock.now() - began
    await sleep(clock, Math.min(pause.longestMs, Math.max(pause.shortestMs, 2 * spent)))
  }
}

/** Those that are open and were not looked at for longest. */
const next = (tracked: readonly Tracked[]): Tracked[] =>
  tracked
    .filter(order => order.acceptedAt !== undefined && order.settledAt === undefined)
    .toSorted((a, b) => (a.lookedAt ?? 0) - (b.lookedAt ?? 0))
    .slice(0, lookedAtPerRound)

const isDone = (tracked: readonly Tracked[]): boolean =>
  tracked.every(
    ({ settledAt, acceptedAt, failure }) =>
      settledAt !== undefined || (acceptedAt === undefined && failure !== undefined),
  )

const look = async (door: Door, clock: Clock, order: Tracked): Promise<void> => {
  const [orderId = ''] = order.orderIds
  order.lookedAt = clock.now()
  try {
    const seen = await door.find(orderId)
    if (!seen) return
    order.seen = seen
    if (isSettled(seen)) order.settledAt = clock.now()
  } catch (error) {
    order.failure = codeOf(error)
  }
}
