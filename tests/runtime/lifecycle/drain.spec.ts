import { EventEmitter } from 'node:events'
import { expect } from 'chai'
import { SagaError } from '../../../shared/runtime/errors.ts'
import { onStop, type StoppableProcess, type StopStep } from '../../../shared/runtime/lifecycle/drain.ts'
import type { Log, LogFields } from '../../../shared/runtime/telemetry/log.ts'
import { deferred } from '../../support/deferred.ts'
import { manualClock } from '../../support/manual-clock.ts'

type Line = { level: string; message: string; fields: LogFields | undefined }

const stage = (steps: readonly StopStep[], limitMs = 10_000) => {
  const events = new EventEmitter()
  const exits: number[] = []
  const target: StoppableProcess = {
    on: (event: string, listener) => events.on(event, listener),
    exit: code => exits.push(code),
  }
  const clock = manualClock()
  const lines: Line[] = []
  const at = (level: string) => (message: string, fields?: LogFields) =>
    void lines.push({ level, message, fields })
  const log: Log = { info: at('info'), warn: at('warn'), error: at('error') }
  const stop = onStop(target, steps, { clock, log, limitMs })
  return {
    events,
    exits,
    clock,
    lines,
    stop,
    said: (part: string) => lines.filter(({ message }) => message.includes(part)),
  }
}

const recorder = () => {
  const ran: string[] = []
  const step = (name: string, run: () => Promise<void> | void = () => {}): StopStep => ({
    name,
    run: () => {
      ran.push(name)
      return run()
    },
  })
  return { ran, step }
}

describe('a process that is told to stop', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    it(`runs its steps in order after ${signal}, says so, and exits 0`, async () => {
      const { ran, step } = recorder()
      const { events, exits, clock, said } = stage([
        step('stop consuming'),
        step('flush', async () => {}),
        step('close'),
      ])
      events.emit(signal)
      await clock.settle()
      expect(ran).to.deep.equal(['stop consuming', 'flush', 'close'])
      expect(said('step done').map(({ fields }) => fields?.step)).to.deep.equal(ran)
      expect(said('stopping')[0]?.fields).to.include({ reason: signal })
      expect(exits).to.deep.equal([0])
      expect(clock.waiting()).to.equal(0)
    })

  it('begins a step only when the one before has ended', async () => {
    const { ran, step } = recorder()
    const finish = deferred()
    const first = step('finish', () => finish.promise)
    const { events, exits, clock } = stage([first, step('close')])
    events.emit('SIGTERM')
    await clock.advance(5_000)
    expect([ran, exits]).to.deep.equal([['finish'], []])
    finish.resolve()
    await clock.settle()
    expect([ran, exits]).to.deep.equal([['finish', 'close'], [0]])
  })

  it('runs them once, however many signals come', async () => {
    const { ran, step } = recorder()
    const { events, exits, clock, stop } = stage([step('close')])
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGINT']) events.emit(signal)
    await stop('again')
    await clock.settle()
    expect([ran, exits]).to.deep.equal([['close'], [0]])
  })

  it('exits 1 when the time of all steps together is over, and says which one was late', async () => {
    const { ran, step } = recorder()
    const clockOf: { wait?: (ms: number) => Promise<void> } = {}
    const quick = step('quick', () => clockOf.wait?.(6_000))
    const { events, exits, clock, said } = stage([
      quick,
      step('stuck', () => new Promise(() => {})),
      step('never'),
    ])
    clockOf.wait = ms => new Promise(resolve => void clock.after(ms, resolve))
    events.emit('SIGTERM')
    await clock.advance(9_999)
    expect(exits).to.deep.equal([])
    await clock.advance(1)
    expect(exits).to.deep.equal([1])
    expect(ran).to.deep.equal(['quick', 'stuck'])
    expect(said('late')[0]).to.deep.include({ level: 'error', fields: { step: 'stuck', ms: 4_000 } })
  })

  it('goes on after a step that failed, but exits 1 with its code and its words in the log, without what they quote', async () => {
    const { ran, step } = recorder()
    const failing = step('flush', () =>
      Promise.reject(new SagaError('broker-unavailable', 'no answer of amqp://user:SECRET@host')),
    )
    const throwing = step('close', () => {
      throw new TypeError('cannot read {"token": "SECRET"}')
    })
    const { events, exits, clock, lines } = stage([failing, throwing, step('last')])
    events.emit('SIGTERM')
    await clock.settle()
    expect([ran, exits]).to.deep.equal([['flush', 'close', 'last'], [1]])
    const failed = lines.filter(({ level }) => level === 'error')
    expect(failed.map(({ fields }) => [fields?.code, fields?.error])).to.deep.equal([
      ['broker-unavailable', 'no answer of amqp://host'],
      ['TypeError', 'cannot read {***}'],
    ])
    expect(JSON.stringify(lines)).to.not.contain('SECRET')
  })

  for (const kind of ['uncaughtException', 'unhandledRejection'] as const)
    it(`drains after an ${kind} too, and exits 1 with the code, the place and the words without what they quote`, async () => {
      const { ran, step } = recorder()
      const { events, exits, clock, lines, said } = stage([step('close')])
      events.emit(kind, new Error('cannot read "SECRET"'))
      await clock.settle()
      expect([ran, exits]).to.deep.equal([['close'], [1]])
      expect(said('programming error')[0]?.fields).to.include({
        ...{ kind, code: 'Error', error: 'cannot read "***"' },
      })
      expect(said('programming error')[0]?.fields?.errorAt).to.match(
        /^tests\/runtime\/lifecycle\/drain\.spec\.ts:\d+$/,
      )
      expect(JSON.stringify(lines)).to.not.contain('SECRET')
    })

  it('exits 1 when such an error comes while it drains', async () => {
    const { step } = recorder()
    const finish = deferred()
    const { events, exits, clock } = stage([step('finish', () => finish.promise)])
    events.emit('SIGTERM')
    events.emit('unhandledRejection', 'not even an error')
    finish.resolve()
    await clock.settle()
    expect(exits).to.deep.equal([1])
  })

  it('can be told by its own code', async () => {
    const { exits, stop, said } = stage([])
    await stop('end of the demo')
    expect(exits).to.deep.equal([0])
    expect(said('stopping')[0]?.fields).to.include({ reason: 'end of the demo' })
  })

  it('is the real process in production', () => {
    const target: StoppableProcess = process
    expect(target.exit).to.be.a('function')
  })
})
