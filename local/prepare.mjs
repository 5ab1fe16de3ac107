import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { lock } from './lock.mjs'
import { root, run, say, tool } from './run.mjs'
import { whyNotInstalled } from './switches.mjs'

const stampFile = join(root, 'node_modules', '.choreo-installed')

const wantedStamp = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(`${process.platform} ${process.arch}`)
    .digest('hex')

const isInstalled = () => existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wantedStamp()

/** The npm that runs us, else the one on PATH. */
export const npm = () => {
  const script = process.env.npm_execpath
  if (script?.endsWith('.js')) return [process.execPath, script]
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm']
}

const packagesIn = file => (existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')).packages ?? {}) : {})

/**
 * npm lists what it installed: whoever ran it by hand has what package-lock.json asks for, but for what only
 * other machines need.
 */
const isInstalledByHand = () => {
  const there = packagesIn(join(root, 'node_modules', '.package-lock.json'))
  return Object.entries(packagesIn(join(root, 'package-lock.json')))
    .filter(([path, { optional }]) => path !== '' && !optional)
    .every(([path, { version }]) => there[path]?.version === version)
}

/** Installs the packages of package-lock.json when they have changed; resolves with npm's exit code. */
const install = async () => {
  if (isInstalled()) return 0
  const refused = whyNotInstalled(
    process.env,
    'The npm packages of package-lock.json are not installed',
    'run `npm ci --include=dev` yourself.',
  )
  if (refused && isInstalledByHand()) return 0
  if (refused) {
    process.stderr.write(`${refused}\n`)
    return 1
  }
  say('Installing the npm packages of package-lock.json ...')
  const code = await run('npm', npm(), ['ci', '--include=dev', '--no-audit', '--no-fund'])
  if (code === 0) writeFileSync(stampFile, wantedStamp())
  else
    process.stderr.write(
      'npm ci failed, see above: without network, or behind a proxy, set the registry with `npm config set registry`.\n',
    )
  return code
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

const compile = async () => {
  const code = await run('tsc', tool(['typescript', 'bin', 'tsc'].join(sep)), ['-p', 'tsconfig.json'])
  removeOrphans(join(root, 'dist'))
  if (code !== 0) process.stderr.write('The sources do not compile, see above.\n')
  return code
}

/**
 * One process at a time installs and compiles in a checkout; the others wait and find it done. Resolves with
 * an exit code.
 */
export const prepared = async () => {
  const release = await lock(`prepare ${root}`, () =>
    say('Another process prepares this checkout; waiting for it ...'),
  )
  try {
    return (await install()) || (await compile())
  } finally {
    release()
  }
}
