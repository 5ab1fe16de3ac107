import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { lock } from './lock.mjs'
import { npm } from './prepare.mjs'
import { root, run, say } from './run.mjs'
import { whyNotInstalled } from './switches.mjs'

/** The Node of the images (Dockerfile): what runs in production is what is tested. */
export const imageNode = '24.21.0'

/** The package that has nothing but this machine's binary; `node` itself is a script that installs it. */
const packaged = () => `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`

/**
 * The path of that Node, fetched from the npm registry at the first call into node_modules/.cache; undefined
 * when it cannot be had. Two that ask at once fetch it once.
 */
export const fetchImageNode = async () => {
  const folder = join(root, 'node_modules', '.cache', `node-${imageNode}`)
  const binary = join(folder, 'node_modules', packaged(), 'bin', 'node')
  const release = await lock(`fetch ${folder}`, () => say('Another process fetches Node; waiting for it ...'))
  try {
    if (existsSync(binary)) return binary
    const refused = whyNotInstalled(process.env, `Node ${imageNode} is not there`, `put it at ${binary}.`)
    if (refused) {
      say(refused)
      return undefined
    }
    mkdirSync(folder, { recursive: true })
    const what = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund']
    const code = await run('npm', npm(), [...what, '--prefix', folder, `${packaged()}@${imageNode}`])
    return code === 0 && existsSync(binary) ? binary : undefined
  } finally {
    release()
  }
}
