import { exploreAll, scopes } from './exhaustive.ts'

/**
 * Explores one scope in a process of its own: `scope-worker.js NAME SECONDS`. Writes what came of it as one
 * line of JSON.
 */
const [name, seconds] = process.argv.slice(2)
const scope = scopes.find(one => one.name === name)
if (!scope) throw new RangeError(`no scope ${name}: ${scopes.map(one => one.name).join(', ')}`)

process.stdout.write(`${JSON.stringify(await exploreAll(scope, Number(seconds) * 1_000))}\n`)
