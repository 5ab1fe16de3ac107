import { cpSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'
import { bareEnv } from '../cli/choreo.ts'
import { tempFolder } from '../local/stand-ins.ts'
import { read, root, stepsOf } from './page.ts'
import { openShell, type Shell } from './shell.ts'

const page = read('docs/how-to/run-in-containers.md')
const { services } = parse(read('docker-compose.yml'), { merge: true }) as { services: object }

/** The lines of the page that begin with this program. */
const linesOf = (program: string, text = page): string[][] =>
  [...text.matchAll(new RegExp(`^${program} .*$`, 'gm'))].map(([line]) => line.split(/\s+/))

/** The files that a line is told to read, and are not there. */
const missingIn = (line: readonly string[]): string[] =>
  line.filter((word, i) => line[i - 1] === '-f' && !existsSync(join(root, word)))

/** What a line does to which containers: what comes after the options of `up` and `exec`, or the first word. */
const containersIn = ([, , ...words]: readonly string[]): string[] => {
  const verb = words.findIndex(word => /^(up|run|exec|ps|down|logs|stop)$/.test(word))
  const names = words.slice(verb + 1).filter(word => !word.startsWith('-'))
  return words[verb] === 'up' ? names : names.slice(0, 1)
}

describe('the page about containers', () => {
  const folder = tempFolder()
  let shell: Shell

  before(() => {
    for (const path of ['deploy', 'docker-compose.yml'])
      cpSync(join(root, path), join(folder.path, path), { recursive: true })
    shell = openShell(folder.path, bareEnv())
  })
  after(() => {
    shell?.close()
    folder.remove()
  })

  it('makes the environment file as it says, and again without a change', async () => {
    const [make] = stepsOf(page)
    expect(await shell.run(make?.shell ?? '')).to.equal(make?.shows)
    const made = readFileSync(join(folder.path, '.env'), 'utf8')
    expect(await shell.run(make?.shell ?? '')).to.equal('.env has everything already\n')
    expect(readFileSync(join(folder.path, '.env'), 'utf8')).to.equal(made)
  })

  it('names containers and files that are there', () => {
    const lines = linesOf('docker compose')
    const unknown = lines.flatMap(containersIn).filter(name => !Object.hasOwn(services, name))
    expect(lines).to.have.length.above(10)
    expect(unknown).to.deep.equal([])
    expect([...lines, ...linesOf('kubectl')].flatMap(missingIn)).to.deep.equal([])
  })

  it('would not name others', () => {
    const lines = linesOf(
      'docker compose',
      'docker compose -f x.yml up -d order tool\ndocker compose run --rm tol x',
    )
    expect(lines.map(containersIn)).to.deep.equal([['order', 'tool'], ['tol']])
    expect(lines.flatMap(missingIn)).to.deep.equal(['x.yml'])
  })

  it('makes the administrator of MongoDB whom the containers log in as', () => {
    const [, code = ''] = /mongosh .*--eval '(.+)'$/m.exec(page) ?? []
    const made: unknown[] = []
    const env = { MONGO_INITDB_ROOT_USERNAME: 'the-admin', MONGO_INITDB_ROOT_PASSWORD: 'the-password' }
    new Function('db', 'process', code)({ createUser: (user: unknown) => made.push(user) }, { env })
    expect(made).to.deep.equal([{ user: 'the-admin', pwd: 'the-password', roles: ['root'] }])
    expect((services as { mongodb: { environment: object } }).mongodb.environment).to.have.keys(
      Object.keys(env),
    )
  })
})
