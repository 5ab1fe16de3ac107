import { expect } from 'chai'
import { freePort } from '../../local/bring-up/ports.ts'
import { type System, startSystem } from '../../local/system/system.ts'
import { tempFolder } from '../local/stand-ins.ts'
import { bareEnv, type Ran, run } from './choreo.ts'

/** What no output may ever have. */
export const canaries = { street: '17 Canary Lane', city: 'Birdtown', name: 'Tweety' }
const ship = ['--street', canaries.street, '--city', canaries.city, '--name', canaries.name]

/** A system of its own for the enclosing suite, and the command line that finds it by its data folder. */
export const runningSystem = () => {
  const folder = tempFolder()
  const env = bareEnv({ CHOREO_DATA: folder.path })
  let system: System

  before(async function () {
    this.timeout(180_000)
    const httpPort = await freePort()
    system = await startSystem({ folder: folder.path, httpPort, env: bareEnv({ CHOREO_PROCESS: 'one' }) })
  })
  after(async () => {
    await system?.stop()
    folder.remove()
  })

  const choreo = (...args: string[]): Promise<Ran> => run(args, env)
  const json = async <T>(...args: string[]): Promise<T> => {
    const ran = await choreo(...args, '--json')
    expect(ran.json, `${args.join(' ')}: ${ran.out}${ran.err}`).to.not.equal(undefined)
    return ran.json as T
  }
  const submit = (...args: string[]) =>
    json<{ orderId: string; status: string; awaiting: string[] }>(
      ...['order', 'submit', '--line', 'SKU-1:2', ...ship, ...args],
    )
  return {
    ...{ folder, env, choreo, json, submit },
    get system() {
      return system
    },
  }
}
