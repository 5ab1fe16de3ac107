import { lint, testAsDeployed, testFully } from './checks.mjs'
import { say } from './run.mjs'

// That the sources compile is seen before: nothing runs that does not.
const steps = {
  'format and lint': lint,
  tests: testFully,
  'tests on the Node and the RabbitMQ of a deployment': testAsDeployed,
}

const lineOf = ({ name, code, seconds }) => `${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`

/** Everything that has to hold, step by step; resolves with 0 when all of it does. */
export const verify = async () => {
  const results = []
  for (const [name, step] of Object.entries(steps)) {
    say(`\n== ${name}`)
    const started = Date.now()
    const code = await step([])
    results.push({ name, code, seconds: Math.round((Date.now() - started) / 1000) })
    if (code > 128) break
  }
  say(`\n== summary\n${results.map(lineOf).join('\n')}`)
  return results.every(({ code }) => code === 0) ? 0 : 1
}
