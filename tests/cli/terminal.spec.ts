import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { eventsIn, type ServerEvent } from '../../cli/server-events.ts'
import { duration, table, terminalOn } from '../../cli/terminal.ts'

const stream = (isTTY: boolean) => {
  const written: string[] = []
  return { isTTY, columns: 80, written, write: (text: string) => written.push(text) }
}
const open = ({ out = true, err = true, env = {} as NodeJS.ProcessEnv, input = new PassThrough() } = {}) => {
  const [stdout, stderr] = [stream(out), stream(err)]
  const reader = Object.assign(input, { isTTY: err }) as unknown as NodeJS.ReadStream
  return { ...terminalOn({ out: stdout, err: stderr, input: reader, env }), stdout, stderr, input }
}

describe('the terminal', () => {
  it('has colours only where it is one, and not with NO_COLOR', () => {
    expect(open().paint.bad('x')).to.equal('\u001b[31mx\u001b[0m')
    expect(open({ out: false }).paint.bad('x')).to.equal('x')
    expect(open({ env: { NO_COLOR: '1' } }).paint.bad('x')).to.equal('x')
    expect(open({ env: { TERM: 'dumb' } }).paint.bad('x')).to.equal('x')
  })

  it('shows progress to people only, and takes it away before the next line', () => {
    const piped = open({ err: false })
    piped.progress('half')
    expect(piped.stderr.written).to.deep.equal([])
    const seen = open()
    seen.progress('half')
    seen.say('done')
    expect(seen.stderr.written.join('')).to.equal('half\r\u001b[K')
    expect(seen.stdout.written).to.deep.equal(['done\n'])
  })

  it('is as wide as its screen, and a pipe has no end', () => {
    expect(open().columns).to.equal(80)
    expect(open({ out: false }).columns).to.equal(Number.POSITIVE_INFINITY)
  })

  it('warns and shows progress without what would move the cursor, on one line', () => {
    const seen = open()
    seen.warn('a\u001b[2Jb\nc')
    seen.progress(`${'x'.repeat(100)}\u202e`)
    expect(seen.stderr.written).to.deep.equal(['a<U+001B>[2Jb<U+000A>c\n', `${'x'.repeat(79)}…`])
  })

  it('takes no answer, and no terminal, for a no', async () => {
    expect(await open({ err: false }).confirm('sure?')).to.equal(false)
    for (const [typed, yes] of [
      ['y\n', true],
      ['Yes\n', true],
      ['\n', false],
      ['nay\n', false],
    ] as const) {
      const asked = open()
      const answer = asked.confirm('sure?')
      asked.input.write(typed)
      expect(await answer, typed).to.equal(yes)
    }
    const closed = open()
    const answer = closed.confirm('sure?')
    closed.input.end()
    expect(await answer).to.equal(false)
  })

  it('aligns columns whatever their colours', () => {
    const { paint } = open()
    const lines = table(
      ['a', 'b'],
      [
        [paint.bad('x'), '1'],
        ['long', '2'],
      ],
      { paint: { ...paint, faint: text => text }, columns: Number.POSITIVE_INFINITY },
    )
    expect(lines.split('\n')).to.deep.equal(['a     b', `${paint.bad('x')}     1`, 'long  2'])
  })

  it('says durations in their largest unit', () => {
    const said = [0, 999, 1_000, 61_000, 3_600_000, 172_800_000].map(duration)
    expect(said).to.deep.equal(['0 ms', '999 ms', '1 s', '1 min', '1 h', '2 d'])
  })
})

describe('a stream of server-sent events', () => {
  const read = async (...chunks: Uint8Array[]): Promise<ServerEvent[]> => {
    const bytes = new ReadableStream<Uint8Array>({
      start: controller => {
        for (const chunk of chunks) controller.enqueue(chunk)
        controller.close()
      },
    })
    const events: ServerEvent[] = []
    for await (const event of eventsIn(bytes)) events.push(event)
    return events
  }

  it('is read whatever its chunks, without its comments', async () => {
    const text =
      'retry: 2000\n\n: still here\n\nid: 1\nevent: order.placed\ndata: {"a":"ä"}\n\ndata: x\ndata: y\n\n'
    const whole = await read(Buffer.from(text))
    expect(whole).to.deep.equal([
      { id: '1', event: 'order.placed', data: '{"a":"ä"}' },
      { event: 'message', data: 'x\ny' },
    ])
    expect(await read(...[...Buffer.from(text)].map(byte => Uint8Array.of(byte)))).to.deep.equal(whole)
    expect(await read(Buffer.from(text.replaceAll('\n', '\r\n')))).to.deep.equal(whole)
  })

  it('drops what is unfinished at its end', async () => {
    expect(await read(Buffer.from('id: 1\ndata: whole\n\nid: 2\ndata: hal'))).to.have.length(1)
  })
})
