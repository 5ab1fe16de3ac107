// What `npm start`, `npm test` and their like run first. It needs nothing but Node and npm: it installs the packages, compiles, and hands over.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const oldestNode = [20, 19]

const verbs = {
  start: args => handOver('dist/local/start.js', args),
  demo: args => handOver('dist/local/demo/main.js', args),
  simulate: args => handOver('dist/tests/simulation/main.js', args),
  test: args => run('mocha', tool('mocha/bin/mocha.js'), ['--config', '.mocharc.json', ...args]),
  verify: () => verify(),
}

const say = line => process.stdout.write(`${line}\n`)

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

/** The command that runs a tool of node_modules with this very Node. */
const tool = file => [process.execPath, join(root, 'node_modules', file)]

/** Runs a command in the project with our terminal; resolves with its exit code. A Ctrl-C reaches it by itself, a SIGTERM is passed on. */
const run = (name, [command, ...first], args) =>
  new Promise(resolve => {
    const child = spawn(command, [...first, ...args], { cwd: root, stdio: 'inherit', shell: false })
    const passOn = () => child.kill('SIGTERM')
    const leaveToChild = () => {}
    process.on('SIGTERM', passOn)
    process.on('SIGINT', leaveToChild)
    const done = code => {
      process.off('SIGTERM', passOn)
      process.off('SIGINT', leaveToChild)
      resolve(code)
    }
    child.once('error', error => {
      process.stderr.write(`${name} cannot be started: ${error.message}\n`)
      done(1)
    })
    child.once('exit', (code, signal) => done(code ?? (signal === 'SIGINT' ? 130 : 143)))
  })

const stampFile = join(root, 'node_modules', '.choreo-installed')

const wantedStamp = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(`${process.platform} ${process.arch}`)
    .digest('hex')

const isInstalled = () => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wantedStamp()

const npm = () => {
  const script = process.env.npm_execpath
  if (script?.endsWith('.js')) return [process.execPath, script]
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm']
}

const install = async () => {
  if (isInstalled()) return
  say('Installing the npm packages of package-lock.json ...')
  const code = await run('npm', npm(), ['ci', '--include=dev', '--no-audit', '--no-fund'])
  if (code !== 0)
    fail(
      'npm ci failed, see above: without network, or behind a proxy, set the registry with `npm config set registry`.',
      code,
    )
  writeFileSync(stampFile, wantedStamp())
}

/** What a deleted source file left behind must not run as a test. */
const removeOrphans = folder => {
  if (!existsSync(folder)) return
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name)
    const source = join(root, relative(join(root, 'dist'), file)).replace(/\.js(\.map)?$/, '.ts')
    if (entry.isFile() && /\.js(\.map)?$/.test(entry.name) && !existsSync(source))
      rmSync(file, { force: true })
  }
}

const compiler = () => tool(['typescript', 'bin', 'tsc'].join(sep))

const compile = async () => {
  const code = await run('tsc', compiler(), ['-p', 'tsconfig.json'])
  removeOrphans(join(root, 'dist'))
  return code
}

/** One process at a time installs and compiles in a checkout; the others wait and find it done. */
const prepared = async steps => {
  const { lock } = await import('./lock.mjs')
  const release = await lock(`prepare ${root}`, () =>
    say('Another process prepares this checkout; waiting for it ...'),
  )
  try {
    return await steps()
  } finally {
    release()
  }
}

const handOver = async (file, args) => {
  process.setSourceMapsEnabled(true)
  const path = join(root, file)
  process.argv.splice(1, process.argv.length, path, ...args)
  await import(pathToFileURL(path).href)
}

const verify = async () => {
  const steps = [
    ['format and lint', () => run('biome', tool('@biomejs/biome/bin/biome'), ['ci', '.'])],
    ['types', () => prepared(compile)],
    ['tests', () => verbs.test([])],
  ]
  const results = []
  for (const [name, step] of steps) {
    say(`\n== ${name}`)
    const started = Date.now()
    const code = await step()
    results.push({
      name,
      code,
      line: `${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${Math.round((Date.now() - started) / 1000)} s)`,
    })
    if (code > 128) break
  }
  say(`\n== summary\n${results.map(({ line }) => line).join('\n')}`)
  return results.every(({ code }) => code === 0) ? 0 : 1
}

const main = async () => {
  checkNode()
  const [verb = '', ...args] = process.argv.slice(2)
  const action = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
  if (!action) return fail(`usage: node local/bootstrap.mjs ${Object.keys(verbs).join(' | ')}`, 2)
  const code = await prepared(async () => {
    await install()
    return verb === 'verify' ? 0 : compile()
  })
  if (code !== 0) return fail('The sources do not compile, see above.', code)
  process.exitCode = (await action(args)) ?? process.exitCode
}

await main()
