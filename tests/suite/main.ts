import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { rabbitMqRoot } from '../../local/servers/rabbitmq-root.ts'
import { hasCode } from '../../shared/runtime/errors.ts'
import { projectFolder } from '../../system/project.ts'
import { batchesOf, type Platform, specsFor } from './plan.ts'
import { slowest, writeSummary } from './results.ts'
import { runAll } from './run.ts'
import { compiled, everySpec } from './spec-files.ts'

/** Runs the tests: `main.js [--image-node] [--rabbitmq4] [arguments of mocha]`. */

const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

/** Every second one waits for a server or a clock while the others compute. */
const workersByDefault = 2 * availableParallelism()
const slowestShown = 20

type Where = Platform & { readonly env: NodeJS.ProcessEnv }

/**
 * The environment with RabbitMQ 4 instead of the machine's; undefined when it cannot be had here, and that is
 * said.
 */
const withRabbitMq4 = async (): Promise<NodeJS.ProcessEnv | undefined> => {
  try {
    const { root, version } = await rabbitMqRoot(say)
    say(`Testing on RabbitMQ ${version}, from ${root}`)
    // A broker that was given would be tested instead.
    const { AMQP_URL: _, RABBITMQ_MANAGEMENT_URL: __, ...rest } = process.env
    return { ...rest, CHOREO_RABBITMQ_ROOT: root }
  } catch (error) {
    if (!hasCode(error, 'install-failed')) throw error
    say(`NOT RUN: the tests on RabbitMQ 4, for it could not be had.\n${(error as Error).message}`)
    return undefined
  }
}

const everything = async ({ env, ...platform }: Where): Promise<number> => {
  const specs = specsFor(platform)
  const left = everySpec.length - specs.length
  if (left > 0)
    say(`${specs.length} spec files; ${left} do not depend on it: tests/suite/selection.ts says why`)
  const started = performance.now()
  const workers = Number(env.TEST_WORKERS ?? workersByDefault)
  const run = runAll({
    batches: batchesOf(specs),
    fileOf: compiled,
    workers,
    env,
    onReport: text => process.stdout.write(text),
  })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, run.stop)
  const results = await run.results
  say(slowest(results, slowestShown))
  writeSummary(results, performance.now() - started)
  const isWhole = results.size === specs.length
  return isWhole && [...results.values()].every(({ failures }) => failures.length === 0) ? 0 : 1
}

/** One process of mocha, as its arguments ask; for all specs when none is named. */
const mocha = ({ env, ...platform }: Where, args: readonly string[]): Promise<number> => {
  const files = args.some(arg => arg.endsWith('.spec.js')) ? [] : specsFor(platform).map(compiled)
  const main = join(projectFolder, 'node_modules', 'mocha', 'bin', 'mocha.js')
  const child = spawn(process.execPath, [main, ...args, ...files], {
    ...{ cwd: projectFolder, stdio: 'inherit', env },
  })
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  // A Ctrl-C reaches the tests by itself.
  process.on('SIGINT', () => {})
  return new Promise(resolve => child.once('exit', code => resolve(code ?? 1)))
}

const isOurs = (arg: string) => arg === '--image-node' || arg === '--rabbitmq4'
const args = process.argv.slice(2)
const rest = args.filter(arg => !isOurs(arg))
const imageNode = args.includes('--image-node')
const broker = args.includes('--rabbitmq4') ? await withRabbitMq4() : undefined
if (!args.some(isOurs) || imageNode || broker) {
  const where = { imageNode, rabbitMq4: broker !== undefined, env: broker ?? process.env }
  process.exitCode = await (rest.length > 0 ? mocha(where, rest) : everything(where))
}
