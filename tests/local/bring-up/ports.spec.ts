import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'
import { choosePorts } from '../../../local/bring-up/kept-ports.ts'
import { freePort, mayBeGiven } from '../../../local/bring-up/ports.ts'

const ports = new URL('../../../local/bring-up/ports.js', import.meta.url).href
const asks = `const { freePort } = await import(${JSON.stringify(ports)})
process.stdout.write(String(await freePort()))
process.stdin.resume()`

describe('the ports of a system', () => {
  let other: ChildProcess | undefined
  afterEach(() => other?.kill('SIGKILL'))

  it('stay the same from one start to the next', async () => {
    const first = await choosePorts(['door'], {})
    expect(await choosePorts(['door'], first)).to.deep.equal(first)
  })

  it('are not those that another run was given meanwhile, although nothing listens there yet', async () => {
    other = spawn(process.execPath, ['--input-type=module', '-e', asks], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const [said] = (await once(other.stdout as NonNullable<typeof other.stdout>, 'data')) as [Buffer]
    const taken = Number(said)
    expect((await choosePorts(['door'], { door: taken })).door).to.not.equal(taken)

    other.kill('SIGKILL')
    await once(other, 'exit')
    expect((await choosePorts(['door'], { door: taken })).door, 'it is gone').to.equal(taken)
  })

  it('are none that nobody could ask, for fetch refuses it before it calls', async () => {
    const refusal = await fetch('http://127.0.0.1:10080').catch((error: Error) => error.cause)
    expect(String(refusal)).to.include('bad port')
    expect([10_079, 10_080, 10_081].map(mayBeGiven)).to.deep.equal([true, false, true])
    expect((await choosePorts(['door'], { door: 10_080 })).door, 'of the last time').to.not.equal(10_080)
  })

  it('are given to nobody else', async () => {
    const given = await Promise.all(Array.from({ length: 20 }, freePort))
    expect(new Set(given).size).to.equal(20)
  })
})
