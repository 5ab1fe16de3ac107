// What `npm start`, `npm test` and their like run first. It needs nothing but Node and npm: it installs the
// packages, compiles, and hands over.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const oldestNode = [20, 19]

const fail = (line, code = 1) => {
  process.stderr.write(`${line}\n`)
  process.exit(code)
}

const checkNode = () => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isOld = major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1])
  if (isOld)
    fail(
      `Choreo needs Node ${oldestNode.join('.')} or newer; this is ${process.versions.node}. See https://nodejs.org`,
    )
}

checkNode()
// An older Node might not even read these.
const { prepared } = await import('./prepare.mjs')
const { root } = await import('./run.mjs')
const { lint, testAsDeployed, testHere, testOnImageNode, testOnRabbitMq4 } = await import('./checks.mjs')
const { wrongSwitch } = await import('./switches.mjs')
const { verify } = await import('./verify.mjs')

/** The program goes on in this process, as if it had been called itself. */
const handOver = file => async args => {
  process.setSourceMapsEnabled(true)
  const path = join(root, file)
  process.argv.splice(1, process.argv.length, path, ...args)
  await import(pathToFileURL(path).href)
}

const verbs = {
  start: handOver('dist/local/system/start.js'),
  demo: handOver('dist/local/demo/main.js'),
  'example-booking': handOver('dist/examples/booking/main.js'),
  simulate: handOver('dist/tests/simulation/main.js'),
  test: testHere,
  'test-node24': testOnImageNode,
  'test-rabbitmq4': testOnRabbitMq4,
  'test-deployed': testAsDeployed,
  lint,
  verify,
  bench: handOver('dist/bench/run.js'),
  'bench-report': handOver('dist/bench/report/main.js'),
  profile: handOver('dist/bench/profile/main.js'),
}

const [verb = '', ...args] = process.argv.slice(2)
const action = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
if (!action) fail(`usage: node local/bootstrap.mjs ${Object.keys(verbs).join(' | ')}`, 2)
const wrong = wrongSwitch(process.env)
if (wrong) fail(wrong, 2)
const code = await prepared()
if (code !== 0) process.exit(code)
process.exitCode = (await action(args)) ?? process.exitCode
