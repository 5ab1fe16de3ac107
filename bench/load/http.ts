import { connect, type Socket } from 'node:net'
import { type Answer, type Response, responseIn } from './response.ts'

/** Calls one system over kept connections. */
export type Caller = {
  call(method: 'GET' | 'POST', path: string, body?: string): Promise<Answer>
  close(): void
}

const mostConnections = 512
const patienceMs = 60_000
/** A server closes what was idle for some seconds, perhaps just as it is used again. */
const freshMs = 3_000
const noAnswer: Response = { answer: { status: 0, retryAfter: false, body: '' }, closes: true }

type Connection = { readonly socket: Socket; usedAt: number; heard: (response: Response) => void }

/** One connection: one request at a time. */
const open = (port: number, host: string): Connection => {
  const socket = connect({ port, host, noDelay: true })
  const connection: Connection = { socket, usedAt: performance.now(), heard: () => {} }
  let bytes: Buffer | undefined
  socket.on('data', some => {
    bytes = bytes ? Buffer.concat([bytes, some]) : some
    const response = responseIn(bytes)
    if (!response) return
    bytes = undefined
    connection.heard(response)
  })
  socket.setTimeout(patienceMs, () => socket.destroy())
  socket.on('error', () => {})
  socket.on('close', () => connection.heard(noAnswer))
  return connection
}

const exchange = (connection: Connection, request: string): Promise<Response> =>
  new Promise(resolve => {
    connection.heard = resolve
    if (connection.socket.destroyed) resolve(noAnswer)
    else connection.socket.write(request)
  })

/**
 * A caller of the system at `url`. It speaks just as much HTTP as it takes, on sockets of its own, because
 * what it costs is taken from the system that it loads: a client of Node costs several times as much.
 */
export const callerOf = (url: string): Caller => {
  const { hostname, port, host } = new URL(url)
  const idle: Connection[] = []
  const waiting: (() => void)[] = []
  let opened = 0
  const take = async (): Promise<Connection> => {
    for (let kept = idle.pop(); kept; kept = idle.pop()) {
      if (!kept.socket.destroyed && performance.now() - kept.usedAt < freshMs) return kept
      discard(kept)
    }
    if (opened >= mostConnections) {
      await new Promise<void>(resolve => waiting.push(resolve))
      return take()
    }
    opened += 1
    return open(Number(port), hostname)
  }
  const discard = (connection: Connection) => {
    opened -= 1
    connection.socket.destroy()
  }
  const giveBack = (connection: Connection, closes: boolean) => {
    connection.heard = () => {}
    connection.usedAt = performance.now()
    if (closes) discard(connection)
    else idle.push(connection)
    waiting.shift()?.()
  }
  const call: Caller['call'] = async (method, path, body = '') => {
    const connection = await take()
    const content =
      method === 'POST'
        ? `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`
        : ''
    const request = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${content}\r\n${body}`
    const { answer, closes } = await exchange(connection, request)
    giveBack(connection, closes)
    return answer
  }
  return { call, close: () => idle.splice(0).forEach(discard) }
}
