import { once } from 'node:events'
import type http from 'node:http'
import { expect } from 'chai'
import { waitUntil } from '../../../local/supervision/wait.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { call, providerPerTest, raisedBy } from './provider-per-test.ts'

describe('the connections of the HTTP gateways', () => {
  const provider = providerPerTest()

  it('uses a connection again, and leaves no timer behind', async () => {
    const clock = manualClock()
    const gateway = provider.payment({ clock })
    for (let n = 0; n < 10; n++) await gateway.charge(call)
    expect([provider.requests, provider.connections, clock.waiting()]).to.deep.equal([10, 1, 0])
  })

  it('asks again at once when a kept connection was closed meanwhile, and only then', async () => {
    const gateway = provider.payment()
    await gateway.charge(call)
    provider.behave = request => {
      request.socket.destroy()
      provider.answers(200, '{"outcome":"captured"}')
    }
    expect(await gateway.charge(call)).to.deep.equal({ outcome: 'captured' })
    expect([provider.requests, provider.connections]).to.deep.equal([3, 2])
    provider.behave = request => request.socket.destroy()
    expect(await raisedBy(gateway.charge(call))).to.include({ code: 'provider-unavailable' })
    expect([provider.requests, provider.connections]).to.deep.equal([5, 3])
  })

  it('counts the time of a call from the moment its request goes out: one that waits for a connection is not late', async () => {
    const clock = manualClock()
    const open: http.ServerResponse[] = []
    provider.behave = (_, response) => void open.push(response)
    const gateway = provider.payment({ clock, timeoutMs: 2_000, sockets: 1 })
    const arrived = () => waitUntil('a request', async () => open.length === 1, { deadlineMs: 10_000 })
    let ended = false
    const first = gateway.charge(call)
    const second = raisedBy(gateway.charge(call)).finally(() => {
      ended = true
    })
    await arrived()
    await clock.advance(1_500)
    open.pop()?.end('{"outcome":"captured"}')
    await first
    await arrived()
    // Since its call it is late by now; since its request it has one millisecond left.
    await clock.advance(1_999)
    expect(ended).to.equal(false)
    await clock.advance(1)
    expect(await second).to.include({ code: 'provider-unavailable' })
    expect(clock.waiting()).to.equal(0)
  })

  it('opens no more connections than it may for a burst, and answers every call of it', async () => {
    const gateway = provider.payment()
    const answered = await Promise.all(Array.from({ length: 2_000 }, () => gateway.charge(call)))
    expect(new Set(answered.map(({ outcome }) => outcome))).to.deep.equal(new Set(['captured']))
    expect(provider.requests).to.equal(2_000)
    expect(provider.connections).to.be.at.most(256)
  })

  it('refuses a call at once when as many wait for a connection as may, without asking the provider', async () => {
    provider.behave = () => {}
    const gateway = provider.payment({ sockets: 1, waiting: 2 })
    const asked = once(provider.server, 'request')
    const [open, ...waiting] = [1, 2, 3].map(() => raisedBy(gateway.charge(call)))
    const refused = await raisedBy(gateway.charge(call))
    expect(refused).to.include({ code: 'provider-unavailable', retry: 'later' })
    await asked
    expect(provider.requests).to.equal(1)
    gateway.close()
    const codes = (await Promise.all([open, ...waiting])).map(error => error?.code)
    expect(codes).to.deep.equal(['draining', 'draining', 'draining'])
  })

  it('gives the connection of a call that was late to the next one that waits', async () => {
    const clock = manualClock()
    provider.behave = () => provider.answers(200, '{"outcome":"captured"}')
    const gateway = provider.payment({ clock, timeoutMs: 2_000, sockets: 1 })
    const asked = once(provider.server, 'request')
    const [late, next] = [raisedBy(gateway.charge(call)), gateway.charge(call)]
    await asked
    await clock.advance(2_000)
    expect(await late).to.include({ code: 'provider-unavailable' })
    expect(await next).to.deep.equal({ outcome: 'captured' })
  })

  it('never has more calls open than it has sockets; the others wait', async () => {
    let most = 0
    const waiting: http.ServerResponse[] = []
    provider.behave = (_, response) => {
      most = Math.max(most, waiting.push(response))
      if (waiting.length < 3 && provider.requests < 20) return
      for (const held of waiting.splice(0)) held.end('{"outcome":"captured"}')
    }
    const gateway = provider.payment({ sockets: 3 })
    await Promise.all(Array.from({ length: 20 }, () => gateway.charge(call)))
    expect([most, provider.connections, provider.requests]).to.deep.equal([3, 3, 20])
  })

  it('fails open, waiting and later calls with draining once it is closed', async () => {
    const asked = new Promise<void>(resolve => {
      provider.behave = () => resolve()
    })
    const gateway = provider.payment({ sockets: 1 })
    const calls = [gateway.charge(call), gateway.charge(call)].map(raisedBy)
    await asked
    gateway.close()
    calls.push(raisedBy(gateway.charge(call)))
    const codes = (await Promise.all(calls)).map(({ code }) => code)
    expect(codes).to.deep.equal(['draining', 'draining', 'draining'])
    expect(provider.requests).to.equal(1)
  })
})
