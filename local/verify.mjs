import { join } from 'node:path'
import { root, run, say, tool } from './run.mjs'
import { testHere, testOnImageNode } from './suite.mjs'

// That the sources compile is seen before: nothing runs that does not.
const steps = {
  'format and lint': () => run('biome', tool('@biomejs/biome/bin/biome'), ['ci', '.']),
  tests: () => testHere([]),
  'tests on the Node of the images': () => testOnImageNode([]),
  'tests of the broker on RabbitMQ 4': () =>
    run('node', [process.execPath, join(root, 'dist/tests/rabbitmq4/main.js')], []),
}

const lineOf = ({ name, code, seconds }) => `${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`

/** Everything that has to hold, step by step; resolves with 0 when all of it does. */
export const verify = async () => {
  const results = []
  for (const [name, step] of Object.entries(steps)) {
    say(`\n== ${name}`)
    const started = Date.now()
    const code = await step()
    results.push({ name, code, seconds: Math.round((Date.now() - started) / 1000) })
    if (code > 128) break
  }
  say(`\n== summary\n${results.map(lineOf).join('\n')}`)
  return results.every(({ code }) => code === 0) ? 0 : 1
}
