import { expect } from 'chai'
import { reactingNames } from '../../services/registry.ts'
import { managementApi } from '../../shared/messaging/topology/management.ts'
import { until } from '../messaging/messages.ts'
import { needs, rabbitmq, redis } from '../support/servers.ts'
import { type BreakableSystem, startBreakableSystem } from './breakable-system.ts'
import { type UnderLoad, underLoad } from './under-load.ts'

const outageMs = 1_000 * Number(process.env.CHOREO_OUTAGE_SECONDS ?? 20)
const everyMs = 225
// More than are ever asked for: orders have to come in until the last outage is over, however slow the
// machine.
const orderCount = 4_000

describe('a system under load whose servers go away, one after the other', function () {
  this.timeout(240_000 + 4 * outageMs)
  needs(rabbitmq, redis)
  let whole: BreakableSystem
  let load: UnderLoad
  let phase = 'well'

  before(async () => {
    whole = await startBreakableSystem()
    load = await underLoad(whole.system, () => phase)
  })
  after(async () => {
    load?.giveUp()
    await whole?.stop()
  })

  const entryOf = (name: string) => whole.system.run().find(entry => entry.name === name)
  const pids = () => whole.system.run().map(({ name, pid }) => [name, pid])
  const passes = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

  /** What a service says does not hold, or why it did not answer. */
  const failingOf = async (name: string, question = '/readyz'): Promise<string> => {
    // A connection that is kept may be closed by the service at the very moment at which it is used again.
    const headers = { connection: 'close' }
    const answer = await fetch(`${entryOf(name)?.url}${question}`, {
      ...{ headers, signal: AbortSignal.timeout(5_000) },
    }).catch((error: Error) => error)
    if (answer instanceof Error) return `no answer: ${answer.message} ${answer.cause ?? ''}`
    return answer.ok ? '' : answer.text()
  }
  const watched = reactingNames.filter(name => name !== 'order')
  /** Resolves when this holds of what every service says. */
  const untilEach = (what: string, holds: (failing: string) => boolean, ms: number) =>
    until(what, async () => (await Promise.all(watched.map(name => failingOf(name)))).every(holds), ms)
  const areReady = (server: string) =>
    untilEach(`all are ready again after the outage of ${server}`, failing => failing === '', 60_000)

  const without = async (server: 'rabbitmq' | 'mongodb' | 'redis', whileAway: () => Promise<unknown>) => {
    const already = load.accepted()
    await until('orders come in', () => load.accepted() > already + 10, 30_000)
    phase = server
    if (server === 'redis') whole.redis.freeze()
    else await whole[server].kill()
    // The length of the outage is what is given, not something to wait for.
    await Promise.all([passes(outageMs), whileAway()])
    phase = 'after'
    if (server === 'redis') whole.redis.thaw()
    else await whole[server].startAgain()
    await areReady(server)
  }
  const answersIn = (name: string) => load.answers.filter(answer => answer.phase === name)
  const statusesIn = (name: string) => [...new Set(answersIn(name).map(({ status }) => status))].sort()
  const allMiss = (check: string) => () =>
    untilEach(`every service misses its ${check}`, failing => failing.includes(check), outageMs)

  /** What every service says, and the end of its log; and the last answers of the API. */
  const lastWords = async (): Promise<string> => {
    const each = reactingNames.map(async name => {
      const lines = whole.logOf(name).trimEnd().split('\n').slice(-12)
      return [`${name}: ${(await failingOf(name)) || 'ready'}`, ...lines].join('\n  ')
    })
    const asked = load.answers
      .slice(-8)
      .map(({ path, status, text }) => `${path} ${status} ${text.slice(0, 200)}`)
    return [...(await Promise.all(each)), 'the API:', ...asked].join('\n')
  }

  it('[I23] keeps every order that it accepted, pauses and goes on by itself, and its books balance', async () => {
    const pidsBefore = pids()
    const coming = load.steadily(everyMs, orderCount)
    await eachAway().catch(async ({ message }: Error) => expect.fail(`${message}\n${await lastWords()}`))
    await coming.stop()
    await load.balances({ ...whole, vhost: { name: 'choreo', api: managementApi(whole.broker) } })
    expect(pids(), 'nobody else was started again').to.deep.equal(pidsBefore)
    expect(load.accepted()).to.be.above(100)
  })
  const eachAway = async () => {
    await without('rabbitmq', async () => {
      await allMiss('broker')()
      for (const name of watched) expect(await failingOf(name, '/readyz/http'), name).to.equal('')
    })
    await without('mongodb', allMiss('store'))
    await without('redis', async () => {
      for (const name of watched) expect(await failingOf(name)).to.equal('')
    })
  }

  it('[I23] answered 202, or 503 with Retry-After, and went on accepting without RabbitMQ and without Redis', () => {
    const bad = load.answers.filter(
      ({ status, retryAfter }) =>
        ![200, 202, 404, 409].includes(status) && !(status === 503 && Number(retryAfter) > 0),
    )
    expect(bad.slice(0, 5)).to.deep.equal([])
    const placedIn = (name: string) =>
      new Set(answersIn(name).flatMap(({ path, status }) => (path === 'POST /orders' ? [status] : [])))
    expect([...placedIn('rabbitmq')], 'without RabbitMQ').to.deep.equal([202])
    expect([...placedIn('mongodb')], 'without MongoDB').to.include(503)
    expect([...placedIn('redis')], 'without Redis').to.deep.equal([202])
    expect(statusesIn('redis')).to.not.include(503)
  })

  it('[I23] says in the logs what was away; whoever had something to take paused, said so, and went on', () => {
    for (const name of reactingNames)
      expect(whole.logOf(name), name).to.match(/broker (cannot be reached|connection lost)/)
    // A service that was handed nothing while the store was away had nothing to pause for.
    const paused = reactingNames.filter(name => whole.logOf(name).includes('consuming pauses until'))
    expect(paused, 'somebody paused').to.not.deep.equal([])
    for (const name of paused) {
      const lines = whole.logOf(name)
      expect(lines.lastIndexOf('consuming goes on'), name).to.be.above(
        lines.lastIndexOf('consuming pauses until'),
      )
    }
  })
})
