/**
 * The load generator, a process of its own: `main.js SPEC` with a LoadSpec as JSON; writes a LoadResult to
 * `spec.out`.
 */
import { writeFileSync } from 'node:fs'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { latencyOf } from '../quantiles.ts'
import { workloadOf } from '../workloads.ts'
import { untilAllEnded } from './ends.ts'
import { callerOf } from './http.ts'
import { inTurn } from './in-turn.ts'
import { closedLoop, openLoop } from './loops.ts'
import { offerer, type Tally } from './offer.ts'
import type { LoadResult, LoadSpec } from './spec.ts'

const lastOnes = 64

const load = async (spec: LoadSpec): Promise<LoadResult> => {
  const [url, ...more] = spec.urls
  const caller = inTurn([callerOf(url), ...more.map(callerOf)])
  const tally: Tally = {
    ...{ accepted: [], submitMs: [], watched: [], watches: [] },
    ...{ refused: 0, refusedWithoutHint: 0, failed: 0 },
  }
  const beganAt = systemClock.now()
  const began = performance.now()
  const cpuBefore = process.cpuUsage()
  const offer = offerer({ caller, spec, workload: workloadOf(spec.workload), began, tally })
  const { loop } = spec
  if ('callers' in loop) await closedLoop(spec, began, loop.callers, offer)
  else await openLoop(spec, began, loop.perSecond, offer)
  const accepted = performance.now()
  const last = tally.accepted.slice(-lastOnes).map(({ orderId }) => orderId)
  const until = accepted + spec.settleSeconds * 1_000
  const ended = !spec.awaitEnds || (await untilAllEnded(caller, last, until))
  const endedSeconds = (performance.now() - began) / 1_000
  await Promise.all(spec.awaitEnds ? tally.watches : [])
  const { user, system } = process.cpuUsage(cpuBefore)
  const { refused, refusedWithoutHint, failed, watched } = tally
  return {
    ...{ beganAt, accepted: tally.accepted, refused, refusedWithoutHint, failed, watched },
    ...{ acceptedSeconds: (accepted - began) / 1_000, endedSeconds, stillOpen: !ended },
    ...{ submitMs: latencyOf(tally.submitMs), cpuMs: (user + system) / 1_000 },
  }
}

const spec = JSON.parse(process.argv[2] ?? '{}') as LoadSpec
writeFileSync(spec.out, JSON.stringify(await load(spec)))
process.exit(0)
