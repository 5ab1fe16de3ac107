import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { serviceNames } from '../../services/registry.ts'
import { environmentOf, isAlive } from '../../system/process.ts'

// Answers 200 on every port it is told about; ends at SIGTERM; says what it was told; appends its name to a
// journal at its end.
const standIn = `
import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'
const given = process.argv.indexOf('--port')
const ports = [given > 0 && process.argv[given + 1], process.env.CHOREO_HEALTH_PORT, process.env.CHOREO_HTTP_PORT]
const told = Object.entries(process.env).filter(([name]) => /^(AMQP_URL|MONGODB_URL|REDIS_URL|CHOREO_|.*_URL)/.test(name))
const body = JSON.stringify(Object.fromEntries(told))
for (const port of ports) if (port) createServer((_, answer) => answer.end(body)).listen(Number(port), '127.0.0.1')
process.on('SIGTERM', () => {
  appendFileSync(process.env.STAND_IN_JOURNAL, process.argv[1] + '\\n')
  process.exit(0)
})
`

const mains = [
  ...['payment-provider', 'carrier'].map(name => `local/providers/${name}.js`),
  ...serviceNames.map(name => `services/${name}/main.js`),
]

/** A new folder that is removed by `remove`. */
export const tempFolder = (): { path: string; remove: () => void } => {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'choreo-test-')))
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) }
}

/** The processes whose environment names this path, in whatever namespace they are (Linux). */
export const processesWith = (path: string): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter(pid => isAlive(pid) && (environmentOf(pid)?.some(line => line.includes(path)) ?? false))

/** What is mounted at or out of this path (Linux). */
export const mountsWith = (path: string): string[] =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter(line => line.includes(path))

/** A build folder whose programs do nothing but answer, with the sources that replace some of them. */
export const standInBuild = (folder: string, instead: Readonly<Record<string, string>> = {}) => {
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  for (const main of mains) {
    mkdirSync(dirname(join(folder, main)), { recursive: true })
    writeFileSync(join(folder, main), instead[main] ?? standIn)
  }
  const journal = join(folder, 'journal')
  return {
    variables: { STAND_IN_JOURNAL: journal },
    /** Which programs ended at SIGTERM, in the order they did. */
    ended: () =>
      existsSync(journal)
        ? readFileSync(journal, 'utf8')
            .trim()
            .split('\n')
            .map(path => path.slice(folder.length + 1))
        : [],
  }
}
