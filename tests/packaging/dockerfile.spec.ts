import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { serviceNames } from '../../services/registry.ts'
import { copiedBy, dockerfileFaults } from './dockerfile.ts'
import { read, root, sourceOf } from './project.ts'

const text = read('Dockerfile')

/** The programs that a compose file or a manifest starts; what it says of others in comments is left out. */
const programsIn = (file: string): string[] =>
  read(file)
    .replace(/^\s*#.*$/gm, '')
    .match(/dist\/[\w/-]+\.js/g) ?? []

const manifests = readdirSync(join(root, 'deploy/kubernetes/base')).map(
  file => `deploy/kubernetes/base/${file}`,
)
const started = [...new Set(['Dockerfile', 'docker-compose.yml', ...manifests].flatMap(programsIn))]
// The entry of the command line is no compiled file; it loads this one.
const programs = [...started, 'dist/cli/main.js']

const compiled = new URL('../../', import.meta.url) // where this test was compiled to

/** What a compiled module needs, itself included: files of the project, and names of packages. */
const neededBy = (entry: string, seen = new Set<string>()): Set<string> => {
  if (seen.has(entry)) return seen
  seen.add(entry)
  if (!existsSync(new URL(entry, compiled))) return seen
  const source = readFileSync(new URL(entry, compiled), 'utf8')
  for (const [, from = ''] of source.matchAll(
    /(?:^(?:import|export)\b[^;]*?\bfrom |^import |\bimport\()'(\.[^']+\.js|[\w@][\w@./:-]*)'/gm,
  ))
    if (from.startsWith('.')) neededBy(join(entry, '..', from), seen)
    else if (!from.startsWith('node:'))
      seen.add(
        `package ${from
          .split('/')
          .slice(0, from.startsWith('@') ? 2 : 1)
          .join('/')}`,
      )
  return seen
}

describe('the Dockerfile', () => {
  it('passes its linter and our rules', () => {
    expect(dockerfileFaults(text)).to.deep.equal([])
  })

  it('has the Node that the tests are run on, too', () => {
    const [, tested] = /imageNode = '(\d+\.\d+)\./.exec(read('local/other-node.mjs')) ?? []
    expect(text.match(/node:[\d.]+/g)).to.deep.equal([`node:${tested}`, `node:${tested}`])
  })

  it('is started with every service, the watch, the preparation and two providers', () => {
    expect(started).to.have.length(serviceNames.length + 4)
  })

  for (const program of programs) {
    const needed = [...neededBy(program.replace(/^dist\//, ''))]

    it(`compiles all that ${program} needs`, () => {
      const copied = copiedBy(text)
      const files = needed.filter(one => !one.startsWith('package '))
      const left = files.filter(
        file => !copied.some(folder => sourceOf(`dist/${file}`).startsWith(`${folder}/`)),
      )
      expect(files).to.have.length.above(3)
      expect(files.filter(file => !existsSync(new URL(file, compiled)))).to.deep.equal([])
      expect(left).to.deep.equal([])
    })

    it(`has the packages that ${program} needs without those for development`, () => {
      const { dependencies } = JSON.parse(read('package.json'))
      const packages = needed
        .filter(one => one.startsWith('package '))
        .map(one => one.slice('package '.length))
      expect(packages).to.include('zod')
      expect(packages.filter(name => !Object.hasOwn(dependencies, name))).to.deep.equal([])
    })
  }

  it('copies only what .dockerignore lets in', () => {
    const allowed = read('.dockerignore')
      .split('\n')
      .filter(line => line.startsWith('!'))
      .map(line => line.slice(1))
    const copied = copiedBy(text).filter(
      one => !allowed.some(path => `${path}/`.startsWith(`${one}/`) || one.startsWith(`${path}/`)),
    )
    expect(copied).to.deep.equal([])
  })

  const breakages: readonly (readonly [what: string, from: string | RegExp, to: string, told: string])[] = [
    ['an unknown instruction', 'USER node', 'USR node', 'Unknown instruction'],
    ['a base without a version', /node:24[\w.-]*/g, 'node:latest', 'node:latest is not pinned'],
    ['a base without any tag', /node:24[\w.-]*/g, 'node', 'node is not pinned'],
    ['two bases', 'node:24.21-bookworm-slim AS', 'node:22.11-bookworm-slim AS', 'different images'],
    ['root', 'USER node', 'USER root', 'runs as root'],
    ['no user', 'USER node\n', '', 'runs as root'],
    ['a file that is not there', 'COPY tsconfig.json', 'COPY tsconfigs.json', 'there is no tsconfigs.json'],
    ['the whole folder', 'COPY tsconfig.json ./', 'COPY . .', 'copies everything'],
    [
      'sources before packages',
      'COPY package.json package-lock',
      'COPY shared shared\nCOPY package.json package-lock',
      'again when a source changes',
    ],
    ['a secret', 'ENV NODE_ENV', 'ENV ORDER_PASSWORD=x NODE_ENV', 'ENV holds a secret'],
    ['a shell as process 1', /CMD \["node", "dist.*/, 'CMD node dist/services/order/main.js', 'as process 1'],
    ['a program that is not there', 'order/main.js', 'orders/main.js', 'does not start a program of ours'],
    ['another signal', 'SIGTERM\n', 'SIGKILL\n', 'is not stopped by SIGTERM'],
    ['a health check that RabbitMQ fails', '/readyz/http', '/readyz', 'unhealthy when RabbitMQ is away'],
    [
      'a health check that needs curl',
      /CMD \["node", "-e".*/,
      'CMD curl -f http://127.0.0.1:3100/readyz',
      'by Node itself',
    ],
  ]
  for (const [what, from, to, told] of breakages)
    it(`would not pass with ${what}`, () => {
      expect(dockerfileFaults(text.replace(from, to)).join('\n')).to.include(told)
    })
})
