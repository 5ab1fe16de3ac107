import { DockerfileParser } from 'dockerfile-ast'
import { validate } from 'dockerfile-utils'
import { has, sourceOf } from './project.ts'

type Instruction = { readonly keyword: string; readonly text: string }

const instructionsOf = (text: string): Instruction[] =>
  DockerfileParser.parse(text)
    .getInstructions()
    .map(one => ({ keyword: one.getKeyword(), text: argumentsOf(one.getTextContent()) }))

const argumentsOf = (instruction: string) => instruction.replace(/^\w+\s+/, '').replace(/\\\n\s*/g, '')

/** What is wrong with the Dockerfile: what the linter says, and what we ask of an image. */
export const dockerfileFaults = (text: string): string[] => {
  const all = instructionsOf(text)
  const final = finalOf(all)
  return [
    ...validate(text).map(({ message, range }) => `line ${range.start.line + 1}: ${message}`),
    ...baseFaults(all),
    ...userFaults(final),
    ...copyFaults(all),
    ...cacheFaults(all),
    ...secretFaults(all),
    ...startFaults(final),
  ]
}

const finalOf = (all: readonly Instruction[]) =>
  all.slice(all.findLastIndex(({ keyword }) => keyword === 'FROM'))

const baseFaults = (all: readonly Instruction[]) => {
  const bases = all.filter(({ keyword }) => keyword === 'FROM').map(({ text }) => text.split(' ')[0] ?? '')
  const stages = all.flatMap(({ keyword, text }) => (keyword === 'FROM' ? text.split(/ AS /i).slice(1) : []))
  const images = bases.filter(base => !stages.includes(base))
  return [
    ...images.filter(image => !/:\d+\.\d+[\w.-]*$/.test(image)).map(image => `${image} is not pinned`),
    ...(new Set(images).size > 1 ? ['its stages begin with different images'] : []),
  ]
}

const userFaults = (final: readonly Instruction[]) => {
  const user = final.findLast(({ keyword }) => keyword === 'USER')?.text
  return user === undefined || /^(root|0)\b/.test(user) ? ['runs as root'] : []
}

const fromContext = (all: readonly Instruction[]) =>
  all
    .filter(({ keyword, text }) => /^(COPY|ADD)$/.test(keyword) && !text.startsWith('--from'))
    .map(({ text }) => text.split(/\s+/).slice(0, -1))

const copyFaults = (all: readonly Instruction[]) =>
  fromContext(all).flatMap(sources => [
    ...sources.filter(source => source === '.').map(() => 'copies everything'),
    ...sources.filter(source => !has(source)).map(source => `there is no ${source}`),
  ])

/**
 * Packages are installed before the sources come in, so that a change of the sources does not install them
 * again.
 */
const cacheFaults = (all: readonly Instruction[]) => {
  const install = all.findLastIndex(({ keyword, text }) => keyword === 'RUN' && text.startsWith('npm ci'))
  const sources = all.findIndex(({ keyword, text }) => keyword === 'COPY' && text.startsWith('shared'))
  return install < sources ? [] : ['installs packages again when a source changes']
}

const secretFaults = (all: readonly Instruction[]) =>
  all
    .filter(
      ({ keyword, text }) => /^(ENV|ARG)$/.test(keyword) && /PASSWORD|SECRET|TOKEN|KEY|_URL/i.test(text),
    )
    .map(({ keyword }) => `${keyword} holds a secret`)

const startFaults = (final: readonly Instruction[]) => {
  const said = (keyword: string) => final.findLast(one => one.keyword === keyword)?.text ?? ''
  const [, node, program = ''] = /^\["(\w+)", "(dist\/[\w/-]+\.js)"\]$/.exec(said('CMD')) ?? []
  return [
    ...(node === 'node' && has(sourceOf(program)) ? [] : ['does not start a program of ours as process 1']),
    ...(said('STOPSIGNAL') === 'SIGTERM' ? [] : ['is not stopped by SIGTERM']),
    ...(/CMD \["node"/.test(said('HEALTHCHECK')) ? [] : ['has no health check by Node itself']),
    ...(said('HEALTHCHECK').includes(':3100/readyz/http') ? [] : ['is unhealthy when RabbitMQ is away']),
  ]
}

/** The folders and files of the project that the build copies. */
export const copiedBy = (text: string): string[] => fromContext(instructionsOf(text)).flat()

/** What the image itself gets of them as it is, beside what was compiled and installed. */
export const copiedIntoImage = (text: string): string[] => fromContext(finalOf(instructionsOf(text))).flat()

/** The program of the health check, and its arguments. */
export const healthCheckOf = (text: string): string[] => {
  const check = instructionsOf(text).findLast(({ keyword }) => keyword === 'HEALTHCHECK')?.text ?? ''
  return JSON.parse(check.slice(check.indexOf('CMD ') + 'CMD '.length)) as string[]
}
