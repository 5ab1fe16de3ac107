#!/usr/bin/env node
// The command `choreo`. It needs nothing but Node, so that it can say what is missing: the rest is compiled
// into dist/.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const program = join(root, 'dist', 'cli', 'main.js')

const missing = [
  [join(root, 'node_modules', 'commander'), 'its npm packages are not installed'],
  [program, 'it is not compiled yet'],
].find(([path]) => !existsSync(path))

if (missing) {
  process.stderr.write(
    `choreo cannot run: ${missing[1]}. Run \`npm start\` in ${root} once: it installs, compiles, and starts a system.\n`,
  )
  process.exitCode = 3
} else {
  await import(pathToFileURL(program).href)
}
