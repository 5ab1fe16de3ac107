import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectFolder } from '../../local/project.ts'
import { type RabbitMqRoot, rabbitMqRoot } from '../../local/servers/rabbitmq-root.ts'
import { hasCode } from '../../shared/runtime/errors.ts'
import { onRabbitMq4, type Selected } from './selection.ts'

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

const built = join(projectFolder, 'dist', 'tests')
const specsOf = ({ folder, specs }: Selected): string[] =>
  (
    specs?.map(name => `${name}.spec.js`) ??
    readdirSync(join(built, folder)).filter(name => name.endsWith('.spec.js'))
  ).map(name => join(built, folder, name))

/** The settings of `npm test` with other specs: what is named on mocha's command line only comes to the configured ones. */
const configuration = (): string => {
  const usual = JSON.parse(readFileSync(join(projectFolder, '.mocharc.json'), 'utf8'))
  return JSON.stringify({ ...usual, spec: onRabbitMq4.flatMap(specsOf) })
}

// A broker that was given would be tested instead.
const environment = (root: string): NodeJS.ProcessEnv => {
  const { AMQP_URL: _, RABBITMQ_MANAGEMENT_URL: __, ...rest } = process.env
  return { ...rest, CHOREO_RABBITMQ_ROOT: root }
}

/** Runs the selected specs on private instances out of this root folder; resolves with mocha's exit code. */
const test = async ({ root }: RabbitMqRoot, args: readonly string[]): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), 'choreo-mocha-'))
  const config = join(folder, 'mocharc.json')
  writeFileSync(config, configuration())
  const mocha = join(projectFolder, 'node_modules', 'mocha', 'bin', 'mocha.js')
  const child = spawn(process.execPath, [mocha, '--config', config, ...args], {
    ...{ cwd: projectFolder, stdio: 'inherit', env: environment(root) },
  })
  const passOn = () => child.kill('SIGTERM')
  process.on('SIGTERM', passOn)
  // A Ctrl-C reaches the tests by itself.
  process.on('SIGINT', () => {})
  const code = await new Promise<number>(resolve => child.once('exit', code => resolve(code ?? 1)))
  rmSync(folder, { recursive: true })
  return code
}

const fetched = (): Promise<RabbitMqRoot | undefined> =>
  rabbitMqRoot(say).catch((error: Error) => {
    if (!hasCode(error, 'install-failed')) throw error
    say(`NOT RUN: the tests on RabbitMQ 4, for it could not be had.\n${error.message}`)
    return undefined
  })

const found = await fetched()
if (found) {
  say(`Testing on RabbitMQ ${found.version}, from ${found.root}`)
  process.exitCode = await test(found, process.argv.slice(2))
  say(`Tested on RabbitMQ ${found.version}: ${process.exitCode === 0 ? 'passed' : 'FAILED'}`)
}
