import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type RabbitMqRoot, rabbitMqRoot } from '../../local/servers/rabbitmq-root.ts'
import { hasCode } from '../../shared/runtime/errors.ts'
import { projectFolder } from '../../system/project.ts'
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

// A broker that was given would be tested instead.
const environment = (root: string): NodeJS.ProcessEnv => {
  const { AMQP_URL: _, RABBITMQ_MANAGEMENT_URL: __, ...rest } = process.env
  return { ...rest, CHOREO_RABBITMQ_ROOT: root }
}

/** What is named among the arguments of mocha, as with `npm test`, or all that is selected. */
const specs = (args: readonly string[]): string[] =>
  args.some(arg => arg.endsWith('.spec.js')) ? [] : onRabbitMq4.flatMap(specsOf)

/** Runs specs on private instances out of this root folder; resolves with mocha's exit code. */
const test = async ({ root }: RabbitMqRoot, args: readonly string[]): Promise<number> => {
  const mocha = join(projectFolder, 'node_modules', 'mocha', 'bin', 'mocha.js')
  const child = spawn(process.execPath, [mocha, '--config', '.mocharc.json', ...args, ...specs(args)], {
    ...{ cwd: projectFolder, stdio: 'inherit', env: environment(root) },
  })
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  // A Ctrl-C reaches the tests by itself.
  process.on('SIGINT', () => {})
  return new Promise(resolve => child.once('exit', code => resolve(code ?? 1)))
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
