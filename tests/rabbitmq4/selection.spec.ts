import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect } from 'chai'
import { projectFolder } from '../../system/project.ts'
import { leftOut, onRabbitMq4, type Selected } from './selection.ts'

const tests = join(projectFolder, 'tests')
const specsIn = (folder: string) => readdirSync(join(tests, folder)).filter(file => file.endsWith('.spec.ts'))
const named = (all: readonly Selected[]): string[] =>
  all.flatMap(({ folder, specs }) =>
    (specs?.map(name => `${name}.spec.ts`) ?? specsIn(folder)).map(name => `${folder}/${name}`),
  )

const startsBroker = /import \{[^}]*\b(rabbitmq|vhost|startRabbitMq|startSystem)\b[^}]*\} from/

/** Whether a file of tests/ starts a broker, itself or through others there. */
const reaches = (file: string, seen = new Set<string>()): boolean => {
  if (seen.has(file) || !existsSync(file)) return false
  seen.add(file)
  const text = readFileSync(file, 'utf8')
  if (startsBroker.test(text)) return true
  return [...text.matchAll(/from '(\.[^']+)'/g)]
    .map(([, path = '']) => resolve(dirname(file), path))
    .filter(next => next.startsWith(tests) && next !== join(tests, 'servers.ts'))
    .some(next => reaches(next, seen))
}

describe('the tests on RabbitMQ 4', () => {
  const specs = readdirSync(tests, { recursive: true, encoding: 'utf8' }).filter(file =>
    file.endsWith('.spec.ts'),
  )
  const reaching = specs.filter(spec => reaches(join(tests, spec)))

  it('are all that reach a broker, but those that are left out with a reason', () => {
    const all = new Set(named([...onRabbitMq4, ...leftOut]))
    expect(
      reaching.filter(spec => !all.has(spec)),
      'to be named in selection.ts',
    ).to.deep.equal([])
  })

  it('are there, each once', () => {
    const all = named([...onRabbitMq4, ...leftOut])
    expect(specs).to.include.members(all)
    expect(all).to.have.lengthOf(new Set(all).size)
  })

  it('leave out only what does reach one', () => {
    expect(reaching).to.include.members(named(leftOut))
  })

  it('would be missed: a spec that starts one through another file is found', () => {
    expect(reaching).to.include.members(['faults/outages.spec.ts', 'broker/rabbitmq.spec.ts'])
    expect(reaching).to.not.include(relative(tests, join(tests, 'domain', 'every-reaction.spec.ts')))
  })
})
