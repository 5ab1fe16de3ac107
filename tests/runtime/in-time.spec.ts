import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import { inTime } from '../../shared/runtime/in-time.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

describe('work that is given so much time', () => {
  let server: Server
  let url: string
  let collecting: NodeJS.Timeout
  before(async () => {
    server = createServer(() => {})
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    collecting = setInterval(collectGarbage, 20)
  })
  after(() => {
    clearInterval(collecting)
    server.closeAllConnections()
    server.close()
  })

  const nameOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: Error) => error.name,
    )

  it('ends when it ends, and as it ends', async () => {
    expect(await inTime(1_000, async () => 'done')).to.equal('done')
    expect(await nameOf(inTime(1_000, () => Promise.reject(new RangeError())))).to.equal('RangeError')
  })

  it('ends in its time while nobody answers and garbage is collected', async () => {
    const began = performance.now()
    const { signal } = new AbortController()
    const asked = inTime(300, own => fetch(url, { signal: own }), signal)
    expect(await nameOf(asked)).to.equal('TimeoutError')
    expect(performance.now() - began).to.be.within(290, 3_000)
  })

  it('ends when whoever asked gives up, before or meanwhile', async () => {
    const outer = new AbortController()
    const asked = inTime(60_000, own => fetch(url, { signal: own }), outer.signal)
    outer.abort()
    expect(await nameOf(asked)).to.equal('AbortError')
    let begun = false
    const later = inTime(60_000, async () => (begun = true), outer.signal)
    expect([await nameOf(later), begun]).to.deep.equal(['AbortError', false])
  })

  it('ends in its time also when the work never hears of it', async () => {
    expect(await nameOf(inTime(50, () => new Promise(() => {})))).to.equal('TimeoutError')
  })
})
