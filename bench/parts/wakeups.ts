/**
 * What a message to another process costs in CPU (microseconds, both processes together) when each goes and
 * comes at once, and when both processes sleep in between: the least that one request to a store or broker
 * can cost at a low rate. `node dist/bench/parts/wakeups.js`; one line of JSON per pause. It uses nothing of
 * this project.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'

const bytes = 800
const isEcho = process.argv[2] === 'echo'

const cpuUs = ({ user, system }: NodeJS.CpuUsage): number => user + system

/** The other process: sends back what comes, and says its CPU when it is asked. */
const echo = () => {
  const server = createServer({ noDelay: true }, socket => socket.pipe(socket))
  server.listen(0, '127.0.0.1', () => process.send?.(server.address()))
  process.on('message', () => process.send?.(cpuUs(process.cpuUsage())))
}

const cpuOfBoth = async (other: ChildProcess): Promise<number> => {
  other.send('cpu')
  const [theirs] = (await once(other, 'message')) as [number]
  return cpuUs(process.cpuUsage()) + theirs
}

const roundTrip = (socket: Socket, message: Buffer): Promise<void> =>
  new Promise(resolve => {
    let missing = bytes
    const onData = (chunk: Buffer) => {
      missing -= chunk.length
      if (missing > 0) return
      socket.off('data', onData)
      resolve()
    }
    socket.on('data', onData)
    socket.write(message)
  })

const measure = async (other: ChildProcess, socket: Socket, pauseMs: number, count: number) => {
  const message = Buffer.alloc(bytes, 'x')
  const before = await cpuOfBoth(other)
  for (let n = 0; n < count; n++) {
    await roundTrip(socket, message)
    if (pauseMs > 0) await new Promise(resolve => setTimeout(resolve, pauseMs))
  }
  const us = Math.round(((await cpuOfBoth(other)) - before) / count)
  process.stdout.write(`${JSON.stringify({ pauseMs, roundTrips: count, cpuUsPerRoundTrip: us })}\n`)
}

const main = async () => {
  const other = fork(fileURLToPath(import.meta.url), ['echo'])
  const [{ port }] = (await once(other, 'message')) as [{ port: number }]
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  try {
    await measure(other, socket, 0, 20_000)
    for (const pauseMs of [1, 5, 20]) await measure(other, socket, pauseMs, 500)
  } finally {
    socket.destroy()
    other.kill()
  }
}

if (isEcho) echo()
else await main()
