import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A client that writes bytes as they are, because fetch would not send what an attacker sends. */
export type RawClient = {
  write(bytes: string | Buffer): void
  /** Everything received so far. */
  received(): string
  /** Resolves with everything received once it matches; fails after 5 s. */
  until(pattern: RegExp): Promise<string>
  /** Resolves with everything received once the connection is closed. */
  closed: Promise<string>
  destroy(): void
}

/** Connects to a port of this machine. */
export const rawClient = async (port: number): Promise<RawClient> => {
  const socket = connect({ port, host: '127.0.0.1' })
  let received = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    received += chunk
  })
  // A reset is one way of being closed.
  socket.on('error', () => {})
  const closed = new Promise<string>(resolve => socket.once('close', () => resolve(received)))
  await new Promise<void>(resolve => socket.once('connect', () => resolve()))
  return {
    write: bytes => void socket.write(bytes),
    received: () => received,
    until: async pattern => {
      await eventually(() => pattern.test(received), `${pattern} in ${received}`)
      return received
    },
    closed,
    destroy: () => void socket.destroy(),
  }
}

/** Waits until the condition holds; an error after 5 s says what was waited for. */
export const eventually = async (
  condition: () => boolean | Promise<boolean>,
  what: string | (() => string),
): Promise<void> => {
  const deadline = performance.now() + 5_000
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`waited 5 s for ${typeof what === 'string' ? what : what()}`)
    await delay(5)
  }
}

/** The bytes of a POST with a JSON body and correct length. */
export const rawPost = (path: string, body: string | Buffer, headers: readonly string[] = []): Buffer => {
  const bytes = Buffer.from(body)
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: localhost',
    'Content-Type: application/json',
    `Content-Length: ${bytes.length}`,
    ...headers,
    '',
    '',
  ]
  return Buffer.concat([Buffer.from(head.join('\r\n')), bytes])
}
