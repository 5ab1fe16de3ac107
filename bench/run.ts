/** `npm run bench`: see bench/README.md, or `npm run bench -- --help`. */

import { codeOf, hasCode, SagaError } from '../shared/runtime/errors.ts'
import { systemClock } from '../shared/runtime/time/clock.ts'
import { runCommand } from './command.ts'
import { thisMachine } from './machine.ts'
import { isWhole, type Options, optionsOf, usage } from './options.ts'
import { type Stage, sizesOf, stagesOf } from './plan.ts'
import { jsonLine } from './report/line.ts'
import { adoptResults, keepResults, type NotRun, type Results } from './report/results.ts'
import { writePage } from './report/write.ts'
import { runStage, type Stand } from './stage.ts'
import type { Run } from './trials/run.ts'

const say = (line: string) => process.stderr.write(`${line}\n`)

type Kept = { readonly runs: Run[]; readonly notRun: NotRun[] }

const standOf = (options: Options, kept: Kept, signal: AbortSignal): Stand => {
  const sizes = sizesOf(options)
  const end = systemClock.now() + sizes.withinSeconds * 1_000
  return {
    ...{ sizes, callers: options.callers, say, signal, runs: kept.runs },
    left: () => (end - systemClock.now()) / 1_000,
    keep: run => kept.runs.push(run),
    leaveOut: (what, why) => {
      say(`NOT RUN ${what}: ${why}`)
      if (!kept.notRun.some(one => one.what === what)) kept.notRun.push({ what, why })
    },
  }
}

// Starting, warming and one run.
const leastOfStage = 45

const runAll = async (stages: readonly Stage[], repeats: number, stand: Stand): Promise<void> => {
  for (let repeat = 0; repeat < repeats; repeat++)
    for (const stage of stages) {
      stand.signal.throwIfAborted()
      if (stand.left() < leastOfStage)
        for (const trial of stage.trials) stand.leaveOut(`${stage.contender} ${trial}`, 'no time was left')
      else await runStage(stage, stand)
    }
}

/** A part of the bench, or a quick one, does not take the place of a thorough one. */
const tellPage = (results: Results, file: string, isThorough: boolean): void => {
  say(`raw results: ${file}`)
  if (isThorough) {
    adoptResults(results)
    writePage(results)
    say('docs/performance.md is written')
  } else say(`npm run bench:report -- ${file} makes docs/performance.md from them`)
}

const bench = async (options: Options, signal: AbortSignal): Promise<number> => {
  const began = systemClock.now()
  const kept: Kept = { runs: [], notRun: [] }
  await runAll(stagesOf(options), options.repeats, standOf(options, kept, signal))
  const { quick, full, repeats, seconds, callers } = options
  const results: Results = {
    ...{ at: new Date(began).toISOString(), machine: await thisMachine() },
    options: { quick, full, repeats, seconds, callers },
    tookSeconds: Math.round((systemClock.now() - began) / 1_000),
    ...kept,
  }
  tellPage(results, keepResults(results), isWhole(options))
  if (options.json) process.stdout.write(`${jsonLine(results)}\n`)
  return kept.runs.some(({ offences }) => offences.length > 0) ? 1 : 0
}

const main = async (): Promise<number> => runCommand(optionsOf(process.argv.slice(2)), usage, bench)

/** What we raise ourselves explains itself; of everything else it takes the place where it happened. */
const explain = (error: unknown): string => {
  if (error instanceof SagaError) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : codeOf(error)
}

main().then(
  code => process.exit(code),
  error => {
    const stopped = error instanceof Error && (error.name === 'AbortError' || hasCode(error, 'draining'))
    say(stopped ? 'stopped' : explain(error))
    process.exit(stopped ? 130 : hasCode(error, 'config-invalid') ? 2 : 1)
  },
)
