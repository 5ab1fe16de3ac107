import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { findSystem } from '../../../local/demo/find-system.ts'
import { optionsOf } from '../../../local/demo/options.ts'
import { systemClock, within } from '../../../shared/runtime/time/clock.ts'
import { tempFolder } from '../stand-ins.ts'

const entries = [
  ['payment-provider', 18_081],
  ['carrier', 18_082],
  ['order', 13_000],
] as const

describe('the demo, looking for a system', () => {
  const folder = tempFolder()
  const run = entries.map(([name, port]) => ({
    name,
    port,
    pid: process.pid,
    url: `http://127.0.0.1:${port}`,
  }))
  after(folder.remove)

  const find = (env: NodeJS.ProcessEnv) =>
    findSystem({ CHOREO_DATA: folder.path, ...env }, { say: () => {}, signal: new AbortController().signal })
  const write = (file: string, facts: unknown) =>
    writeFileSync(join(folder.path, file), JSON.stringify(facts))

  it('takes the one that runs from the data folder, with the ports that run.json says', async () => {
    write('run.json', run)
    write('supervisor.json', { pid: process.pid })
    const { url, paymentProvider, carrier, ours } = await find({})
    expect([url, paymentProvider, carrier]).to.deep.equal(
      [13_000, 18_081, 18_082].map(port => `http://127.0.0.1:${port}`),
    )
    expect(ours).to.equal(false)
  })

  it('waits for one that is still starting', async () => {
    write('run.json', run.slice(0, 2))
    const finding = find({})
    expect(await within(systemClock, 200, finding)).to.equal('late')
    write('run.json', run)
    expect((await finding).url).to.equal('http://127.0.0.1:13000')
  })

  it('waits no longer when that one has stopped', async () => {
    write('run.json', [])
    const finding = find({}).catch(error => error)
    expect(await within(systemClock, 200, finding)).to.equal('late')
    rmSync(join(folder.path, 'supervisor.json'))
    expect((await finding).message).to.match(/it has stopped/)
  })

  it('takes the one that CHOREO_HTTP_URL names, and wants to know where its providers are', async () => {
    const providers = { PAYMENT_PROVIDER_URL: 'http://a.example', CARRIER_URL: 'http://b.example' }
    const named = { CHOREO_HTTP_URL: 'http://shop.example:3000' }
    const { url, paymentProvider, carrier } = await find({ ...named, ...providers })
    expect([url, paymentProvider, carrier]).to.deep.equal([
      'http://shop.example:3000',
      'http://a.example',
      'http://b.example',
    ])
    const refused = await find(named).catch(error => error)
    expect(refused).to.include({ code: 'config-invalid' })
    expect(refused.message).to.include('PAYMENT_PROVIDER_URL')
  })

  it('says what is wrong with its command line, and how it is used', () => {
    expect(optionsOf(['--orders', '50', '--kill', 'payment'])).to.include({ orders: 50, kill: 'payment' })
    expect(() => optionsOf(['--orders', 'many'])).to.throw('--orders must be a whole number')
    expect(() => optionsOf(['--ordres', '50'])).to.throw(/--ordres[\s\S]*usage: npm run demo/)
  })
})
