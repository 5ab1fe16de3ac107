import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { freePort } from '../../local/bring-up/ports.ts'
import { type System, startSystem } from '../../local/system/system.ts'
import { welcome } from '../../local/system/welcome.ts'
import { bareEnv } from '../cli/choreo.ts'
import { tempFolder } from '../local/stand-ins.ts'
import { read, type Step, stepsOf } from './page.ts'
import { shapeOf, shownShape } from './shape.ts'
import { atTerminal, openShell, pathWithChoreo, type Shell } from './shell.ts'

const main = fileURLToPath(new URL('../../cli/main.js', import.meta.url))

const expectShown = (output: string, { shows }: Step) => {
  const { lines, only } = shownShape(shows)
  const shape = shapeOf(output)
  if (only) expect(shape, output).to.include.members([...lines])
  else expect(shape, output).to.deep.equal(lines)
}

/** Figures of the broker and the story of tracking are a moment behind, as the page says. */
const asksAgain = (shell: string) => /npx --no -- choreo (status|saga show|saga why|dlq list)/.test(shell)
const patienceMs = 40_000

describe('the tutorial', function () {
  this.timeout(90_000)
  const folder = tempFolder()
  const steps = stepsOf(read('docs/tutorial.md'))
  let system: System
  let shell: Shell

  before(async function () {
    this.timeout(180_000)
    const httpPort = await freePort()
    const data = join(folder.path, '.data')
    system = await startSystem({ folder: data, httpPort, env: bareEnv({ CHOREO_PROCESS: 'one' }) })
    const path = pathWithChoreo(folder.path, main)
    shell = openShell(folder.path, bareEnv({ PATH: path, CHOREO_DATA: data, NO_COLOR: '1' }))
  })
  after(async () => {
    shell?.close()
    await system?.stop()
    folder.remove()
  })

  const outputOf = ({ shell: block, shows }: Step) => {
    const here = block.replaceAll('http://127.0.0.1:3000', system.url)
    const [, answer] = /\[y\/N\] (\w+)/.exec(shows) ?? []
    return shell.run(answer ? atTerminal(here, answer) : here)
  }

  const untilShown = async (step: Step, end: number): Promise<void> => {
    const output = await outputOf(step)
    try {
      expectShown(step.shows.includes('[y/N]') ? asTyped(output) : output, step)
    } catch (error) {
      if (!asksAgain(step.shell) || Date.now() > end) throw error
      const reading = step.shell.split('\n').filter(line => !line.includes('order submit'))
      await untilShown({ ...step, shell: reading.join('\n') }, end)
    }
  }

  it('names the tabs of the management UI as RabbitMQ does', async () => {
    const { managementUrl } = system.connections.broker.admin ?? {}
    const script = await (await fetch(`${managementUrl}/js/global.js`)).text()
    const [, declared = ''] = /NAVIGATION = \{([\s\S]*?)\n\s*\};/.exec(script) ?? []
    const tabs = [...declared.matchAll(/^\s*'([A-Z][\w ]+)':/gm)].map(([, name]) => name)
    const named = [...read('docs/tutorial.md').matchAll(/(?<![*\w])\*([A-Z][\w ]+)\*(?!\*)/g)].map(
      ([, name]) => name,
    )
    expect(named).to.have.members(['Queues', 'Queues and Streams', 'Exchanges'])
    expect(tabs).to.include('Exchanges')
    expect(tabs.includes('Queues'), tabs.join()).to.not.equal(tabs.includes('Queues and Streams'))
  })

  for (const step of steps)
    it(`shows what comes of line ${step.line}: ${step.shell.split('\n')[0]?.slice(0, 70)}`, async () => {
      if (step.shell.trim() === 'npm start') {
        const said = welcome(system).replace(/\S*\.data\//g, '.data/')
        return expectShown(said, step)
      }
      await untilShown(step, Date.now() + patienceMs)
    })
})

/**
 * The answer is typed before the question comes, and so its echo stands first: here it is put where a person
 * would type it.
 */
const asTyped = (output: string) => output.replace(/^y\s*$/m, '').replace(/(\[y\/N\]) /, '$1 y\n')
