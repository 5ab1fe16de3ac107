import { foundIn, playSeed } from './explore.ts'

/**
 * Plays schedules in a process of its own: `worker.js FROM STEP COUNT SECONDS STOP SHORTEN`. Writes JSON
 * lines: what was found, and in the end the sums. With STOP it ends at the first violation; with SHORTEN it
 * looks for the shortest schedule that shows the same.
 */
export type Report =
  | { readonly kind: 'progress'; readonly schedules: number; readonly steps: number }
  | { readonly kind: 'found'; readonly nth: number; readonly found: Awaited<ReturnType<typeof foundIn>> }
  | {
      readonly kind: 'end'
      readonly schedules: number
      readonly steps: number
      readonly violations: number
      readonly sometimes: Record<string, number>
    }

const say = (report: Report) => process.stdout.write(`${JSON.stringify(report)}\n`)
const turn = () => new Promise(resolve => setImmediate(resolve))

type Sums = { schedules: number; steps: number; violations: number }

const playOne = async (
  seed: number,
  { sums, sometimes, shorten }: { sums: Sums; sometimes: Map<string, number>; shorten: boolean },
): Promise<void> => {
  const result = await playSeed(seed, sometimes)
  sums.schedules += 1
  sums.steps += result.steps
  if (!result.violation) return
  sums.violations += 1
  if (sums.violations > 20) return
  say({ kind: 'found', nth: sums.schedules, found: await foundIn(seed, result, shorten) })
}

const main = async ([
  from = 0,
  step = 1,
  count = 100,
  seconds = 60,
  stop = 0,
  short = 0,
]: readonly number[]) => {
  const sometimes = new Map<string, number>()
  const sums: Sums = { schedules: 0, steps: 0, violations: 0 }
  const until = performance.now() + seconds * 1_000
  for (let n = 0; n < count && performance.now() < until; n++) {
    await playOne(from + n * step, { sums, sometimes, shorten: short > 0 })
    if (stop > 0 && sums.violations > 0) break
    if (n % 50 !== 49) continue
    say({ kind: 'progress', schedules: sums.schedules, steps: sums.steps })
    // So that memory is given back and output gets out.
    await turn()
  }
  say({ kind: 'end', ...sums, sometimes: Object.fromEntries(sometimes) })
}

await main(process.argv.slice(2).map(Number))
