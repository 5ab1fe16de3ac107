import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

// Writes .env for docker-compose.yml: a random password per broker user, and the keys of the public API. An
// .env that is there stays. It needs nothing but Node: no build, no packages.
const target = process.argv[2] ?? '.env'
const random = () => randomBytes(24).toString('base64url')
const sha256 = text => createHash('sha256').update(text).digest('hex')

const compose = readFileSync(new URL('../docker-compose.yml', import.meta.url), 'utf8')
const users = [...new Set(compose.match(/(?<=\$\{)[A-Z_]+(?=_PASSWORD\b)/g))]
const [callerKey, operatorKey] = [random(), random()]
const lines = [
  '# Who may log in where. docker compose reads this file; the services are told only what is theirs.',
  ...users.map(user => `${user}_PASSWORD=${random()}`),
  '# The public API knows the SHA-256 of its keys; the keys themselves stand here for you alone.',
  `CALLER_KEY=${callerKey}`,
  `OPERATOR_KEY=${operatorKey}`,
  `CHOREO_CALLER_KEYS=shop:${sha256(callerKey)}`,
  `CHOREO_OPERATOR_KEYS=operator:${sha256(operatorKey)}`,
]

try {
  writeFileSync(target, `${lines.join('\n')}\n`, { flag: 'wx', mode: 0o600 })
  process.stdout.write(`${target} is written; the keys of the public API are in it\n`)
} catch (error) {
  process.stderr.write(`${target} stays as it is: ${error.code}\n`)
  process.exitCode = 1
}
