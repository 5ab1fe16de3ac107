import { join } from 'node:path'
import { atEndOfRun } from '../end-of-run.ts'
import { pageSteps } from './page-steps.ts'
import { copyOf, type Outcome, type Sources } from './sources.ts'

/** What a change of the contract has to pass: whatever was published and recorded is still read. */
export const gate = ['contract/*', 'reference/schemas']
/**
 * What a release has to pass besides, as far as that needs no servers: its pages, its rules and its whole
 * sagas.
 */
export const checks = [
  ...gate,
  ...['reference/pages', 'reference/service-description', 'reference/asyncapi'],
  'services/*',
  'shop/*',
  'choreography/*',
]

/** Runs these specs of the release, in its own code. */
export const check = ({ run, build }: Sources, names: readonly string[]): Promise<Outcome> => {
  const specs = names.map(name => join(build, 'tests', `${name}.spec.js`))
  const mocha = join('node_modules', 'mocha', 'bin', 'mocha.js')
  return run(process.execPath, mocha, '--no-config', '--exit', '--timeout', '20000', ...specs)
}

let made: Promise<Sources> | undefined

/**
 * The release that comes of the page about a new version of an event, done word by word; compiled once in a
 * test run.
 */
export const nextRelease = (): Promise<Sources> => {
  made ??= make()
  return made
}

const make = async (): Promise<Sources> => {
  const sources = copyOf()
  const { edits, scripts } = pageSteps()
  sources.make(edits)
  for (const script of scripts) {
    const { ok, output } = await sources.run('npm', 'run', script)
    if (!ok) throw new Error(`npm run ${script} failed:\n${output}`)
  }
  return sources
}

atEndOfRun(async () => {
  const sources = await made?.catch(() => undefined)
  sources?.remove()
})
