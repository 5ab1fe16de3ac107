import type { OrderAnswer, Receipt } from '../services/order/api/openapi/answers.ts'
import { codeOf } from '../shared/runtime/errors.ts'
import { type Clock, sleep } from '../shared/runtime/time/clock.ts'
import type { ApiClient } from './api-client.ts'
import { inParallel } from './in-parallel.ts'
import type { Planned } from './order-plan.ts'

/** What is known of one order of the run, as it changes. */
export type WorkloadOrder = {
  readonly planned: Planned
  /** Every order id that was answered to its key; more than one is wrong. */
  readonly orderIds: Set<string>
  /** As the API quoted it, in cents. */
  total?: number
  /** All instants are ms since the epoch. */
  acceptedAt?: number
  cancelAskedAt?: number
  settledAt?: number
  lookedAt?: number
  seen?: OrderAnswer
  /** Why it was never accepted or could not be cancelled. */
  failure?: string
}

/** Orders under way. */
export type Workload = {
  /**
   * Submits these orders at once, and asks for the cancels that belong to them; resolves when all are
   * accepted and asked.
   */
  submit(orders: readonly Planned[]): Promise<void>
  /** Everything so far, in the order it was submitted. */
  orders(): readonly WorkloadOrder[]
  /**
   * Looks at what is open until all of it has settled or `until` (ms since the epoch) has come; answers
   * whether all has.
   */
  settle(until: number): Promise<boolean>
}

// Below the API's own bound, also for one caller of several.
const atOnce = 48
const lookedAtPerRound = 64
const pause = { shortestMs: 100, longestMs: 1_000 }

/** Settled is more than ended: nothing is awaited any more. */
export const isSettled = ({ status, awaiting }: OrderAnswer): boolean =>
  status !== 'placed' && awaiting.length === 0

/** Submits orders through the API and follows them to their end. */
export const startWorkload = ({ api, clock }: { api: ApiClient; clock: Clock }): Workload => {
  const tracked: WorkloadOrder[] = []
  const submitOne = async (order: WorkloadOrder): Promise<() => Promise<void>> => {
    const { key, body, copies } = order.planned
    const answers = await Promise.all(Array.from({ length: copies }, () => api.place(body, key)))
    const accepted = answers.filter((answer): answer is Receipt => answer !== undefined)
    for (const { orderId } of accepted) order.orderIds.add(orderId)
    const [first] = accepted
    if (!first) {
      order.failure = 'the API refused it'
      return async () => {}
    }
    order.total = first.total
    order.acceptedAt = clock.now()
    return () => cancelOne(order, first.orderId)
  }
  const cancelOne = async (order: WorkloadOrder, orderId: string) => {
    if (order.planned.cancelAfterMs === undefined) return
    await sleep(clock, order.planned.cancelAfterMs)
    if (await api.cancel(orderId)) order.cancelAskedAt = clock.now()
  }
  const submit = async (orders: readonly Planned[]) => {
    const batch = orders.map((planned): WorkloadOrder => ({ planned, orderIds: new Set() }))
    tracked.push(...batch)
    const noted = (order: WorkloadOrder) => (error: unknown) => {
      order.failure ??= codeOf(error)
    }
    const cancels: Promise<void>[] = []
    await inParallel(atOnce, batch, async order => {
      const next = await submitOne(order).catch(noted(order))
      if (next) cancels.push(next().catch(noted(order)))
    })
    await Promise.all(cancels)
  }
  return { submit, orders: () => tracked, settle: until => settle({ api, clock, until }, tracked) }
}

const settle = async (
  { api, clock, until }: { api: ApiClient; clock: Clock; until: number },
  tracked: readonly WorkloadOrder[],
): Promise<boolean> => {
  for (;;) {
    const began = clock.now()
    await inParallel(atOnce, next(tracked), order => look(api, clock, order))
    if (isDone(tracked)) return true
    if (clock.now() >= until) return false
    // Looking takes the system's time as well: a third of it at most, unless the system is very slow.
    const spent = clock.now() - began
    await sleep(clock, Math.min(pause.longestMs, Math.max(pause.shortestMs, 2 * spent)))
  }
}

/** Those that are open and were not looked at for longest. */
const next = (tracked: readonly WorkloadOrder[]): WorkloadOrder[] =>
  tracked
    .filter(order => order.acceptedAt !== undefined && order.settledAt === undefined)
    .toSorted((a, b) => (a.lookedAt ?? 0) - (b.lookedAt ?? 0))
    .slice(0, lookedAtPerRound)

const isDone = (tracked: readonly WorkloadOrder[]): boolean =>
  tracked.every(
    ({ settledAt, acceptedAt, failure }) =>
      settledAt !== undefined || (acceptedAt === undefined && failure !== undefined),
  )

const look = async (api: ApiClient, clock: Clock, order: WorkloadOrder): Promise<void> => {
  const [orderId = ''] = order.orderIds
  order.lookedAt = clock.now()
  try {
    const seen = await api.find(orderId)
    if (!seen) return
    order.seen = seen
    if (isSettled(seen)) order.settledAt = clock.now()
  } catch (error) {
    order.failure = codeOf(error)
  }
}
