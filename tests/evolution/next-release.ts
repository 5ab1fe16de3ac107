import { join } from 'node:path'
import { pageSteps } from './page-steps.ts'
import { copyOf, type Outcome, type Sources } from './sources.ts'

/** What the checks of a release run, as far as they need no servers: its contract, what it published, its rules and its whole sagas. */
export const gate = ['contract', 'reference', 'domain', 'saga', 'choreography']

/** Runs the specs of these folders of the release, in its own code. */
export const check = ({ run, build }: Sources, folders: readonly string[]): Promise<Outcome> => {
  const specs = folders.map(folder => join(build, 'tests', folder, '*.spec.js'))
  const mocha = join('node_modules', 'mocha', 'bin', 'mocha.js')
  return run(process.execPath, mocha, '--no-config', '--exit', '--timeout', '20000', ...specs)
}

let made: Promise<Sources> | undefined

/** The release that comes of the page about a new version of an event, done word by word; compiled once in a test run. */
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

after(async () => {
  const sources = await made?.catch(() => undefined)
  sources?.remove()
})
