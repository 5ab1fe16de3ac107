import { spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { logLineOf, logText } from '../../cli/logs/log-line.ts'
import type { Screen } from '../../cli/terminal.ts'
import { waitUntil } from '../../local/supervision/wait.ts'
import { tempFolder } from '../local/stand-ins.ts'
import { bareEnv, main, run, start } from './choreo.ts'

const order = `ord_${'1'.repeat(26)}`
const at = (second: number) => `2030-01-01T00:00:${String(second).padStart(2, '0')}.000Z`
const line = (second: number, service: string, message: string, fields: object = {}) =>
  `${JSON.stringify({ time: at(second), level: 'info', service, message, ...fields })}\n`

describe('logs', function () {
  this.timeout(30_000)
  let folder: ReturnType<typeof tempFolder>
  let env: NodeJS.ProcessEnv
  const fileOf = (program: string) => join(folder.path, 'logs', `${program}.log`)

  beforeEach(() => {
    folder = tempFolder()
    env = bareEnv({ CHOREO_DATA: folder.path, NO_COLOR: '1' })
    mkdirSync(join(folder.path, 'logs'))
    writeFileSync(fileOf('order'), line(1, 'order', 'first') + line(4, 'order', 'fourth', { orderId: order }))
    writeFileSync(
      fileOf('payment'),
      line(2, 'payment', 'second', { eventId: `${order}:inventory:1` }) + line(3, 'payment', 'third'),
    )
    writeFileSync(fileOf('redis'), '1:C 1 Jan 2030 00:00:00 * Ready to accept connections\n')
  })
  afterEach(() => folder.remove())

  const messagesIn = (out: string) => out.match(/first|second|third|fourth|fifth|sixth|seventh|Ready/g) ?? []
  const shown = async (...words: string[]) => {
    const { code, out, err } = await run(['logs', ...words], env)
    return { code, err, messages: messagesIn(out) }
  }

  it('shows what all programs said by time, and not what servers write in their own way', async () => {
    expect(await shown()).to.deep.equal({
      ...{ code: 0, err: '', messages: ['first', 'second', 'third', 'fourth'] },
    })
  })

  it('shows one service, one order, and a server when it is named', async () => {
    expect((await shown('payment')).messages).to.deep.equal(['second', 'third'])
    expect((await shown('--order', order)).messages).to.deep.equal(['second', 'fourth'])
    expect((await shown('payment', '--order', order)).messages).to.deep.equal(['second'])
    expect((await shown('redis')).messages).to.deep.equal(['Ready'])
  })

  it('finds a service that shares its process with others', async () => {
    appendFileSync(fileOf('order'), line(5, 'shipping', 'fifth'))
    expect((await shown('shipping')).messages).to.deep.equal(['fifth'])
  })

  it('shows the newest when there are more than it may show, and says so', async () => {
    const { messages, err } = await shown('--limit', '2')
    expect(messages).to.deep.equal(['third', 'fourth'])
    expect(err).to.match(/^The newest 2 lines are shown, and there are more: --limit 20/)
  })

  it('reads what was put aside before', async () => {
    renameSync(fileOf('order'), `${fileOf('order')}.1`)
    writeFileSync(fileOf('order'), line(5, 'order', 'fifth'))
    expect((await shown('order')).messages).to.deep.equal(['first', 'fourth', 'fifth'])
  })

  it('shows the last words of a process, at their place', async () => {
    appendFileSync(fileOf('payment'), 'seventh: out of memory\n')
    expect((await shown()).messages).to.deep.equal(['first', 'second', 'third', 'seventh', 'fourth'])
  })

  it('is one JSON document a line for programs', async () => {
    const { lines } = await run(['logs', 'payment', '--json'], env)
    expect(lines[0]).to.deep.equal({
      ...{ time: at(2), level: 'info', service: 'payment', message: 'second' },
      eventId: `${order}:inventory:1`,
    })
  })

  it('says whose logs there are when nobody has that name, and exits 1 when nothing was said', async () => {
    const unknown = await shown('nobody')
    expect([unknown.code, unknown.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 2 && err.includes('order, payment, redis'),
    )
    expect(await shown('--order', `ord_${'2'.repeat(26)}`)).to.include({ code: 1 })
  })

  it('follows through a file that grows in pieces, is put aside and is cut off, and ends with 130 at Ctrl-C', async () => {
    const following = start(['logs', '--follow'], env)
    const sees = (...messages: string[]) =>
      waitUntil(
        messages.join(', '),
        async () => messagesIn(following.out()).slice(4).join() === messages.join(),
        { deadlineMs: 10_000 },
      )
    await sees()
    await waitUntil('the start', async () => messagesIn(following.out()).length === 4, { deadlineMs: 10_000 })
    const [half, rest] = [line(5, 'order', 'fifth').slice(0, 30), line(5, 'order', 'fifth').slice(30)]
    appendFileSync(fileOf('order'), half)
    appendFileSync(fileOf('shipping'), line(6, 'shipping', 'sixth'))
    await sees('sixth')
    appendFileSync(fileOf('order'), rest)
    await sees('sixth', 'fifth')
    appendFileSync(fileOf('order'), line(7, 'order', 'seventh'))
    renameSync(fileOf('order'), `${fileOf('order')}.1`)
    writeFileSync(fileOf('order'), line(8, 'order', 'first'))
    await sees('sixth', 'fifth', 'seventh', 'first')
    truncateSync(fileOf('payment'))
    appendFileSync(fileOf('payment'), line(9, 'payment', 'second'))
    await sees('sixth', 'fifth', 'seventh', 'first', 'second')
    following.child.kill('SIGINT')
    const { code, err } = await following.ended
    expect([code, err]).to.deep.equal([130, ''])
  })

  it('ends when its reader goes away', async () => {
    for (let n = 0; n < 2_000; n++) appendFileSync(fileOf('order'), line(10, 'order', 'x'.repeat(100)))
    const shell = spawn(
      'sh',
      ['-c', `"${process.execPath}" "${main}" logs --limit 5000; echo "ended $?" >&2`],
      {
        ...{ env, stdio: ['ignore', 'pipe', 'pipe'] },
      },
    )
    let err = ''
    shell.stderr?.on('data', text => {
      err += text
    })
    shell.stdout?.once('data', () => shell.stdout?.destroy())
    await new Promise(resolve => shell.once('close', resolve))
    expect(err).to.equal('ended 0\n')
  })
})

describe('a line of a log', () => {
  const paint = { good: String, bad: String, doubtful: String, faint: String, strong: String }
  const on = (columns: number): Screen => ({ paint, columns })
  const failed = logLineOf(
    'payment',
    line(2, 'payment', 'parked', {
      ...{ orderId: order, eventType: 'inventory.reserved', code: 'TypeError', error: 'no gold' },
      ...{ errorAt: 'services/payment/domain.ts:41', stack: 'charge (a.ts:1)\nhandle (b.ts:2)' },
    }).trim(),
  )

  it('has what tells most first, and below it how an error got there', () => {
    expect(failed && logText(failed, on(Number.POSITIVE_INFINITY))).to.equal(
      [
        `${at(2)}  info   payment    parked  orderId ${order}, code TypeError, error no gold, errorAt services/payment/domain.ts:41, eventType inventory.reserved`,
        '    at charge (a.ts:1)',
        '    at handle (b.ts:2)',
      ].join('\n'),
    )
  })

  it('fits its terminal', () => {
    const text = (failed && logText(failed, on(60))) ?? ''
    expect(text.split('\n')[0]).to.match(/^00:00:02\.000 {2}info .* parked .*…$/)
    for (const one of text.split('\n')) expect(one.length).to.be.at.most(60)
  })

  it('is none when nothing with a time stands before it', () => {
    expect(logLineOf('redis', '1:C Ready')).to.equal(undefined)
    expect(logLineOf('payment', '{"half": ')).to.equal(undefined)
    expect(logLineOf('payment', 'Killed', failed)).to.include({ time: at(2), message: 'Killed' })
  })
})
