import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { findSystem } from '../../local/demo/find-system.ts'
import { optionsOf } from '../../local/demo/options.ts'
import { tempFolder } from '../local/stand-ins.ts'

const entries = [
  ['payment-provider', 18_081],
  ['carrier', 18_082],
  ['order', 13_000],
] as const

describe('the demo, looking for a system', () => {
  const folder = tempFolder()
  after(folder.remove)

  const find = (env: NodeJS.ProcessEnv) =>
    findSystem({ CHOREO_DATA: folder.path, ...env }, { say: () => {}, signal: new AbortController().signal })
  const write = (file: string, facts: unknown) =>
    writeFileSync(join(folder.path, file), JSON.stringify(facts))

  it('takes the one that runs from the data folder, with the ports that run.json says', async () => {
    const run = entries.map(([name, port]) => ({
      name,
      port,
      pid: process.pid,
      url: `http://127.0.0.1:${port}`,
    }))
    write('run.json', run)
    write('supervisor.json', { pid: process.pid })
    const { url, paymentProvider, carrier, ours } = await find({})
    expect([url, paymentProvider, carrier]).to.deep.equal(
      [13_000, 18_081, 18_082].map(port => `http://127.0.0.1:${port}`),
    )
    expect(ours).to.equal(false)
  })

  it('asks for patience with one that is still starting', async () => {
    write('run.json', [])
    const refused = await find({}).catch(error => error)
    expect(refused.message).to.match(/still starting/)
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
