import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const project = fileURLToPath(new URL('../../../', import.meta.url))
const forbidden =
  /\b(Date\.now|Math\.random|setTimeout|setInterval|setImmediate|randomUUID|process\.nextTick)\b/
/** Where time and randomness come in, and the one place that waits for a turn of the event loop. */
const ports = ['shared/runtime/time/clock.ts', 'shared/runtime/random.ts', 'shared/runtime/coalesce.ts']

describe('time and randomness', () => {
  it('come in through their ports only, so that a simulation can own them', () => {
    const found = ['shared', 'services'].flatMap(folder =>
      readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' })
        .filter(name => name.endsWith('.ts'))
        .map(name => join(folder, name))
        .filter(name => !ports.includes(name) && forbidden.test(codeOf(name))),
    )
    expect(found).to.deep.equal([])
  })
})

/** Without its comments. */
const codeOf = (name: string) =>
  readFileSync(join(project, name), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
