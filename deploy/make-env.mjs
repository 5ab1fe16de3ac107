import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

// Writes .env for docker-compose.yml: a random password per user of a server, and the keys of the public API.
// What an .env has already stays, and what it lacks is added: a new service brings passwords of its own. It
// needs nothing but Node: no build, no packages.
const target = process.argv[2] ?? '.env'
// Hexadecimal: it is part of URLs and command lines, where a dash at the beginning would be an option.
const random = () => randomBytes(24).toString('hex')
const sha256 = text => createHash('sha256').update(text).digest('hex')

const compose = readFileSync(new URL('../docker-compose.yml', import.meta.url), 'utf8')
const users = [...new Set(compose.match(/(?<=\$\{)[A-Z_]+(?=_PASSWORD\b)/g))]
const before = existsSync(target) ? readFileSync(target, 'utf8') : ''
const has = name => new RegExp(`^${name}=`, 'm').test(before)

const keyLines = (kind, caller) => {
  const key = random()
  return [`${kind}_KEY=${key}`, `CHOREO_${kind}_KEYS=${caller}:${sha256(key)}`]
}
const passwords = users.filter(user => !has(`${user}_PASSWORD`)).map(user => `${user}_PASSWORD=${random()}`)
// A hash belongs to its key, so there are both or none.
const keys = [
  ['CALLER', 'shop'],
  ['OPERATOR', 'operator'],
].flatMap(([kind, caller]) => (has(`CHOREO_${kind}_KEYS`) ? [] : keyLines(kind, caller)))
const lines = [
  ...(passwords.length === 0
    ? []
    : ['# Who may log in where. Each program is told only what is its own.', ...passwords]),
  ...(keys.length === 0
    ? []
    : ['# The API knows the SHA-256 of its keys; the keys are for you and the command line.', ...keys]),
]

if (lines.length === 0) process.stdout.write(`${target} has everything already\n`)
else {
  const begun = before === '' || before.endsWith('\n') ? before : `${before}\n`
  writeFileSync(target, `${begun}${lines.join('\n')}\n`, { mode: 0o600 })
  process.stdout.write(`${target} has ${before === '' ? 'its' : 'new'} passwords and keys\n`)
}
