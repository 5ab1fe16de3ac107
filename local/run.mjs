import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** @param {string} line */
export const say = line => process.stdout.write(`${line}\n`)

/** The command that runs a tool of node_modules, with this very Node unless another one is given. */
export const tool = (file, node = process.execPath) => [node, join(root, 'node_modules', file)]

/**
 * Runs a command in the project with our terminal; resolves with its exit code. A Ctrl-C reaches it by
 * itself, a SIGTERM is passed on.
 */
export const run = (name, [command, ...first], args, env = process.env) =>
  new Promise(resolve => {
    const child = spawn(command, [...first, ...args], { cwd: root, stdio: 'inherit', env, shell: false })
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
