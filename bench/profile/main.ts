/** `npm run profile`: CPU profiles of every process of a private system under load; see `--help`. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { waitUntil } from '../../local/supervision/wait.ts'
import { projectBuild } from '../../local/system/system.ts'
import { codeOf, hasCode } from '../../shared/runtime/errors.ts'
import { sleep, systemClock } from '../../shared/runtime/time/clock.ts'
import { projectFolder } from '../../system/project.ts'
import { runCommand } from '../command.ts'
import { usageOf } from '../measure/proc.ts'
import { resultsFolder } from '../report/results.ts'
import { startSaga } from '../systems/saga.ts'
import type { HttpSystem } from '../systems/system.ts'
import { measured, warm } from '../trials/measured.ts'
import { needsOf, workloadOf } from '../workloads.ts'
import { type ProfileOptions, profileOptionsOf, usage } from './options.ts'
import { type CpuProfile, summaryOf } from './summary.ts'
import { profileText } from './text.ts'

const say = (line: string) => process.stderr.write(`${line}\n`)
const folder = join(resultsFolder, 'profiles')
const warmSeconds = 6
// The load goes on a little longer than the profiles.
const marginSeconds = 2

type Program = { readonly name: string; readonly pid: number }

/** RabbitMQ and Redis are no programs of Node; a real mongod is none either. */
const nodePrograms = (system: HttpSystem): Program[] =>
  system.run().flatMap(({ name, pid }) => {
    if (pid === null) return []
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] ?? ''
    return /(^|\/)node$/.test(command) ? [{ name, pid }] : []
  })

const fileOf = (program: Program) => join(folder, `${program.pid}.cpuprofile`)

const profileAll = async (programs: readonly Program[], seconds: number): Promise<void> => {
  const signalAll = () => {
    for (const { pid } of programs) process.kill(pid, 'SIGUSR2')
  }
  signalAll()
  await sleep(systemClock, seconds * 1_000)
  signalAll()
  const written = async () => programs.every(program => existsSync(fileOf(program)))
  await waitUntil('the profiles', written, { deadlineMs: 60_000 })
}

const show = (programs: readonly Program[]): void => {
  for (const program of programs) {
    const kept = join(folder, `${program.name}.cpuprofile`)
    renameSync(fileOf(program), kept)
    const profile = JSON.parse(readFileSync(kept, 'utf8')) as CpuProfile
    process.stdout.write(`${profileText(program.name, summaryOf(profile, projectBuild))}\n`)
  }
}

const others = (system: HttpSystem, programs: readonly Program[], before: ReadonlyMap<string, number>) => {
  for (const [name, pids] of Object.entries(system.places.pids()))
    if (!programs.some(program => program.name === name))
      process.stdout.write(
        `${name}: ${Math.round(usageOf(pids).cpuMs - (before.get(name) ?? 0))} ms CPU, no program of Node\n`,
      )
}

const profile = async (options: ProfileOptions, signal: AbortSignal): Promise<number> => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const agent = pathToFileURL(join(projectFolder, 'bench', 'profile', 'agent.mjs')).href
  Object.assign(process.env, { NODE_OPTIONS: `--import=${agent}`, PROFILE_FOLDER: folder })
  const { workload, loop, seconds } = options
  const system = await startSaga({ ...needsOf(workloadOf(workload)), say, signal })
  try {
    const bench = { system, signal }
    const offer = { workload, loop, seconds: seconds + marginSeconds, settleSeconds: 600 }
    await warm(bench, { ...offer, seconds: warmSeconds })
    const programs = nodePrograms(system)
    say(`profiling ${programs.map(({ name }) => name).join(', ')} for ${seconds} s`)
    const cpu = Object.entries(system.places.pids()).map(
      ([name, pids]) => [name, usageOf(pids).cpuMs] as const,
    )
    const { run } = await measured(bench, offer, { during: () => profileAll(programs, seconds) })
    show(programs)
    others(system, programs, new Map(cpu))
    process.stdout.write(`\n${run.orders} orders, ${run.ordersPerSecond} a second; profiles in ${folder}\n`)
    return run.offences.length === 0 ? 0 : 1
  } finally {
    await system.stop()
  }
}

const main = async (): Promise<number> => runCommand(profileOptionsOf(process.argv.slice(2)), usage, profile)

main().then(
  code => process.exit(code),
  error => {
    say(error instanceof Error ? error.message : codeOf(error))
    process.exit(hasCode(error, 'config-invalid') ? 2 : 1)
  },
)
