import { delimiter, dirname } from 'node:path'
import { fetchImageNode, imageNode } from './other-node.mjs'
import { run, say, tool } from './run.mjs'

const everySpec = 'dist/tests/**/*.spec.js'

/** The whole suite, or the spec files that are named among the arguments of mocha. */
const mochaArguments = args => [
  ...['--config', '.mocharc.json', ...args],
  ...(args.some(arg => arg.endsWith('.spec.js')) ? [] : [everySpec]),
]

/** Runs the tests with this Node; resolves with mocha's exit code. */
export const testHere = args => run('mocha', tool('mocha/bin/mocha.js'), mochaArguments(args))

/** Runs the tests with the Node of the images, what they start included. Where it cannot be fetched that is said, and nothing has failed. */
export const testOnImageNode = async args => {
  const node = await fetchImageNode()
  if (!node) {
    say(`NOT RUN on Node ${imageNode}: it could not be fetched, see above.`)
    return 0
  }
  say(`The tests on Node ${imageNode}`)
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` }
  return run('mocha', tool('mocha/bin/mocha.js', node), mochaArguments(args), env)
}
