import { delimiter, dirname, join } from 'node:path'
import { fetchImageNode, imageNode } from './other-node.mjs'
import { root, run, say, tool } from './run.mjs'

/** Checks format and lint. Like every check here it resolves with an exit code. */
export const lint = args => run('biome', tool('@biomejs/biome/bin/biome'), ['ci', '.', ...args])

const runTests = (args, node = process.execPath, env = process.env) =>
  run('node', [node, '--enable-source-maps', join(root, 'dist/tests/suite/main.js')], args, env)

/**
 * Runs the tests with this Node and the machine's RabbitMQ: all of them, or what these arguments of mocha
 * ask.
 */
export const testHere = args => runTests(args)

/** From so many schedules on, the simulation has to meet everything that it should. */
const enoughSchedules = '100000'

/** Runs all of them, and as many schedules as it takes before a change lands. */
export const testFully = () =>
  runTests([], process.execPath, { SIMULATED_SCHEDULES: enoughSchedules, ...process.env })

/**
 * Runs what depends on the broker on RabbitMQ 4. Where it cannot be had that is said, and nothing has failed.
 */
export const testOnRabbitMq4 = args => runTests(['--rabbitmq4', ...args])

/** What the simulation finds does not depend on the Node: it is played there to see that it runs. */
const fewSchedules = '2000'

/**
 * Runs tests with the Node of the images, what they start included; `without` is what is done where it cannot
 * be fetched.
 */
const testOnNode = async (args, without) => {
  const node = await fetchImageNode()
  if (!node) {
    say(`NOT RUN on Node ${imageNode}: it could not be fetched, see above.`)
    return without()
  }
  say(`Testing on Node ${imageNode}`)
  const path = `${dirname(node)}${delimiter}${process.env.PATH}`
  const env = { SIMULATED_SCHEDULES: fewSchedules, ...process.env, PATH: path }
  return runTests(['--image-node', ...args], node, env)
}

/**
 * Runs what depends on Node with that of the images. Where it cannot be fetched that is said, and nothing has
 * failed.
 */
export const testOnImageNode = args => testOnNode(args, () => 0)

/**
 * Runs what depends on either on what a deployment has of both: the Node of the images and RabbitMQ 4, or the
 * one that can be had.
 */
export const testAsDeployed = args => testOnNode(['--rabbitmq4', ...args], () => testOnRabbitMq4(args))
