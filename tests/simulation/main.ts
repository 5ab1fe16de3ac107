import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { enough, missing } from './checks/sometimes.ts'
import { type Explored, scopes } from './explore/exhaustive.ts'
import { type Found, replay } from './explore/explore.ts'
import { playMany, processes, type Sums } from './explore/fleet.ts'
import { runScope } from './explore/workers.ts'
import { judgeAll, type Verdict } from './mutants/judge.ts'
import { mutants } from './mutants/mutants.ts'

const usage = `npm run simulate -- [--schedules N] [--hours N] [--seed N] [--only MUTANT] [--replay FILE] [--no-mutants] [--exhaustive SECONDS] [--table FILE] [--save FOLDER]`
const folder = fileURLToPath(new URL('../../', import.meta.url))
/** Every mutant has to fall within this many schedules. */
const mutantLimit = 100_000

const print = (line: string) => void process.stdout.write(`${line}\n`)

const explore = (seed: number, schedules: number, seconds: number): Promise<Sums> => {
  const started = performance.now()
  let said = started
  const onProgress = (played: number) => {
    const now = performance.now()
    if (now - said < 10_000) return
    said = now
    const passed = (now - started) / 1_000
    print(`  ${played} schedules in ${Math.round(passed)} s, ${Math.round(played / passed)} a second`)
  }
  return playMany({ folder, seed, schedules, seconds, stopAtFirst: false }, { onFound: tell, onProgress })
}

const tell = (found: Found) => {
  const file = `simulation-${found.seed}.json`
  writeFileSync(file, `${JSON.stringify(found)}\n`)
  print(
    `VIOLATION ${found.violation}\n  ${found.deviations} choices differ from the plain order; see it with: npm run simulate -- --replay ${file}`,
  )
}

const say = ({ mutant, killedAt, found }: Verdict, save: string | undefined) => {
  if (save !== undefined && found)
    writeFileSync(join(save, `${mutant.name}.json`), `${JSON.stringify(found)}\n`)
  const fate = killedAt
    ? `killed by schedule ${killedAt}, shrunk to ${found?.deviations}: ${found?.violation}`
    : 'SURVIVED'
  print(`  ${mutant.name.padEnd(32)} ${fate}`)
}

const tableOf = (verdicts: readonly Verdict[]): string =>
  [
    '| mutant | rule | killed by schedule | choices that differ |',
    '|---|---|---|---|',
    ...verdicts.map(
      ({ mutant, killedAt, found }) =>
        `| ${mutant.name} | ${mutant.rule} | ${killedAt ?? `not: ${mutant.tolerated ?? ''}`} | ${found?.deviations ?? ''} |`,
    ),
    '',
  ].join('\n')

const replayFile = async (file: string): Promise<number> => {
  const { violation, trace, steps, hash } = await replay(JSON.parse(readFileSync(file, 'utf8')) as Found)
  for (const line of trace) print(line)
  print(
    `${steps} steps, trace hash ${hash.toString(16)}: ${violation ? `VIOLATION ${violation.message}` : 'nothing is wrong'}`,
  )
  return violation ? 1 : 0
}

/** Explores the small scopes to their end, each for at most so many seconds; two at a time. */
const exhaust = async (seconds: number): Promise<number> => {
  const left = [...scopes]
  const sums = { states: 0, schedules: 0, violations: 0, complete: 0 }
  const take = async () => {
    for (let scope = left.shift(); scope; scope = left.shift()) {
      const explored = await runScope(folder, scope.name, seconds)
      report(explored)
      sums.states += explored.states
      sums.schedules += explored.schedules
      sums.violations += Number(explored.found !== undefined)
      sums.complete += Number(explored.complete)
    }
  }
  await Promise.all(Array.from({ length: processes }, take))
  const { states, schedules, violations, complete } = sums
  print(
    `schedules ${schedules}, states ${states}, violations ${violations}, scopes complete ${complete} of ${scopes.length}`,
  )
  return violations === 0 && complete === scopes.length ? 0 : 1
}

const report = ({ scope, states, schedules, seconds, complete, found }: Explored) => {
  const outcome = found
    ? `VIOLATION ${found.violation}`
    : complete
      ? 'complete and clean'
      : 'clean so far, not complete'
  print(`  ${scope.name}: ${states} states in ${schedules} schedules, ${Math.round(seconds)} s: ${outcome}`)
  if (found) tell(found)
}

const options = {
  schedules: { type: 'string', default: '100000' },
  hours: { type: 'string' },
  seed: { type: 'string', default: '1' },
  replay: { type: 'string' },
  only: { type: 'string' },
  exhaustive: { type: 'string' },
  table: { type: 'string' },
  save: { type: 'string' },
  'no-mutants': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

type Values = { seed: string; schedules: string; hours?: string | undefined; only?: string | undefined }

const exploreAsAsked = async ({
  seed,
  schedules,
  hours,
  only,
}: Values): Promise<{ sums: Sums; unseen: string[] }> => {
  const seconds = hours === undefined ? 86_400 : Number(hours) * 3_600
  const asked = hours === undefined ? Number(schedules) : Number.MAX_SAFE_INTEGER
  const sums = await explore(Number(seed), only === undefined ? asked : 0, seconds)
  const unseen = sums.schedules >= enough ? missing(sums.sometimes) : []
  if (sums.schedules > 0) print(`${sums.steps} steps. What the schedules went through, and how often:`)
  for (const [what, count] of [...sums.sometimes].sort()) print(`  ${String(count).padStart(9)}  ${what}`)
  for (const what of unseen) print(`  NEVER      ${what}: a run that misses it proves nothing about it`)
  return { sums, unseen }
}

const prove = async (
  values: Values & { 'no-mutants': boolean; table?: string | undefined; save?: string | undefined },
): Promise<number> => {
  const { sums, unseen } = await exploreAsAsked(values)
  const chosen = mutants.filter(({ name }) => !values['no-mutants'] && (values.only ?? name) === name)
  const court = { seed: Number(values.seed), limit: mutantLimit, shorten: true }
  const verdicts = await judgeAll(chosen, court, verdict => say(verdict, values.save))
  if (values.table !== undefined) writeFileSync(values.table, tableOf(verdicts))
  const due = verdicts.filter(({ mutant }) => !mutant.tolerated)
  const killed = due.filter(({ killedAt }) => killedAt !== undefined).length
  print(
    `schedules ${sums.schedules}, violations ${sums.violations}, mutants killed ${killed} of ${due.length}`,
  )
  return sums.violations === 0 && unseen.length === 0 && killed === due.length ? 0 : 1
}

const main = async (): Promise<number> => {
  const { values } = parseArgs({ options })
  if (values.replay !== undefined) return replayFile(values.replay)
  if (values.exhaustive !== undefined) return exhaust(Number(values.exhaustive))
  if (!values.help) return prove(values)
  print(usage)
  return 0
}

process.exitCode = await main()
