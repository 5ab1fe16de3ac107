import { existsSync } from 'node:fs'
import { sleep, systemClock } from '../../shared/runtime/time/clock.ts'
import type { Offer } from './offer.ts'
import type { LoadSpec } from './spec.ts'

/** True while further orders are to be submitted. */
const stillOn = ({ seconds, orders = Number.POSITIVE_INFINITY, stopFile }: LoadSpec, began: number) => {
  let lookedAt = began
  let stopped = false
  return (count: number) => {
    const now = performance.now()
    if (stopFile && now - lookedAt > 100) {
      lookedAt = now
      stopped = existsSync(stopFile)
    }
    return !stopped && count < orders && now - began < seconds * 1_000
  }
}

/** Closed loop: each caller submits its next order when its last one was answered. */
export const closedLoop = async (
  spec: LoadSpec,
  began: number,
  callers: number,
  offer: Offer,
): Promise<void> => {
  const goesOn = stillOn(spec, began)
  let next = 0
  const caller = async () => {
    while (goesOn(next)) await offer(spec.from + next++, performance.now())
  }
  await Promise.all(Array.from({ length: callers }, caller))
}

/** Open loop: orders are sent at their own times, however slow the answers are. */
export const openLoop = async (
  spec: LoadSpec,
  began: number,
  perSecond: number,
  offer: Offer,
): Promise<void> => {
  const goesOn = stillOn(spec, began)
  const under: Promise<void>[] = []
  for (let n = 0; goesOn(n); n++) {
    const due = began + (n * 1_000) / perSecond
    const wait = due - performance.now()
    if (wait > 1) await sleep(systemClock, wait)
    if (!goesOn(n)) break
    under.push(offer(spec.from + n, due))
  }
  await Promise.all(under)
}
