import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectFolder } from '../../system/project.ts'
import type { Run } from '../trials/run.ts'

/** On what a bench ran. */
export type Machine = {
  readonly cpus: number
  readonly model: string
  readonly memoryGb: number
  readonly node: string
  /** Versions of servers, by name. */
  readonly programs: Readonly<Record<string, string>>
}

/** What was to be done and was not. */
export type NotRun = { readonly what: string; readonly why: string }

/** Everything that a bench found, as it is kept. */
export type Results = {
  readonly at: string
  readonly machine: Machine
  readonly options: Readonly<{
    quick: boolean
    full: boolean
    repeats: number
    seconds: number
    callers: number
  }>
  readonly tookSeconds: number
  readonly notRun: readonly NotRun[]
  readonly runs: readonly Run[]
}

/** Where raw results are. */
export const resultsFolder = join(projectFolder, 'bench', 'results')
const latest = join(resultsFolder, 'latest.json')

/**
 * Results that were kept: the given file, or those from which the page was made last. @throws Error when
 * there are none
 */
export const readResults = (file = latest): Results => JSON.parse(readFileSync(file, 'utf8')) as Results

const write = (file: string, results: Results): string => {
  mkdirSync(resultsFolder, { recursive: true })
  writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`)
  return file
}

/** Keeps results under the time of their run; answers the file. */
export const keepResults = (results: Results): string =>
  write(join(resultsFolder, `${results.at.replace(/[:.]/g, '-')}.json`), results)

/** Makes results the ones from which the page is made. */
export const adoptResults = (results: Results): void => {
  write(latest, results)
}
