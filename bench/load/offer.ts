import { sleep, systemClock } from '../../shared/runtime/time/clock.ts'
import type { Offered, Workload } from '../workloads.ts'
import { untilEnded } from './ends.ts'
import type { Caller } from './http.ts'
import type { Accepted, LoadSpec, Watched } from './spec.ts'

/** What has happened to the orders so far. */
export type Tally = {
  readonly accepted: Accepted[]
  readonly submitMs: number[]
  readonly watched: Watched[]
  readonly watches: Promise<void>[]
  refused: number
  refusedWithoutHint: number
  failed: number
}

/**
 * Offers one order that was meant to be sent at `due` (performance.now); resolves when it was answered for
 * good.
 */
export type Offer = (n: number, due: number) => Promise<void>

const comeBackMs = 100
const pauses = { closed: { leastMs: 20, share: 0.1 }, open: { leastMs: 4, share: 0.05 } }

type Parts = { caller: Caller; spec: LoadSpec; workload: Workload; began: number; tally: Tally }

type Body = { readonly offered: Offered; readonly text: string }

const bodies = (workload: Workload) => {
  // Bodies repeat every 500 orders or so; encoding them anew would be the most that the generator does.
  const known = new Map<number, Body>()
  return (n: number) => {
    const place = n % 10_000
    const found = known.get(place)
    if (found) return found
    const offered = workload.order(place)
    const made = { offered, text: JSON.stringify(offered.body) }
    known.set(place, made)
    return made
  }
}

const refuse = (tally: Tally, hinted: boolean) => {
  tally.refused += 1
  if (!hinted) tally.refusedWithoutHint += 1
}

const watch = async ({ caller, spec, began, tally }: Parts, orderId: string, due: number) => {
  const pause = 'callers' in spec.loop ? pauses.closed : pauses.open
  const until = due + (spec.seconds + spec.settleSeconds) * 1_000
  if (await untilEnded(caller, orderId, { ...pause, since: due, until }))
    tally.watched.push({ due: due - began, took: performance.now() - due })
}

const cancelled = async ({ caller }: Parts, orderId: string): Promise<number | undefined> => {
  const { status } = await caller.call('POST', `/orders/${orderId}/cancel`)
  return status === 202 ? systemClock.now() : undefined
}

const take = async (parts: Parts, n: number, due: number, text: string, cancel: boolean) => {
  const { orderId, total } = JSON.parse(text) as { orderId: string; total: number }
  const { tally, spec } = parts
  const acceptedAt = systemClock.now()
  if (n % spec.watchEvery === 0) tally.watches.push(watch(parts, orderId, due))
  const cancelAskedAt = cancel ? await cancelled(parts, orderId) : undefined
  tally.accepted.push({ n, orderId, total, acceptedAt, ...(cancelAskedAt && { cancelAskedAt }) })
}

/** True when the order has got its answer, false when it is to be sent again. */
const offerOnce = async (parts: Parts, n: number, due: number, { offered, text }: Body): Promise<boolean> => {
  const { tally, spec } = parts
  const isClosed = 'callers' in spec.loop
  const sent = isClosed ? performance.now() : due
  const { status, retryAfter, body } = await parts.caller.call('POST', '/orders', text)
  if (status === 202) {
    tally.submitMs.push(performance.now() - sent)
    await take(parts, n, due, body, offered.cancel)
    return true
  }
  if (status !== 429 && status !== 503) {
    tally.failed += 1
    return true
  }
  refuse(tally, retryAfter)
  return !isClosed
}

/**
 * How orders are offered. Who is refused comes back after 100 ms in a closed loop, and stays away in an open
 * one. An order that is answered otherwise, or not at all, has failed.
 */
export const offerer = (parts: Parts): Offer => {
  const bodyOf = bodies(parts.workload)
  return async (n, due) => {
    const body = bodyOf(n)
    while (!(await offerOnce(parts, n, due, body))) await sleep(systemClock, comeBackMs)
  }
}
