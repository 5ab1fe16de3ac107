import { connect as connectPlainly, isIP, type Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import type { AmqpAddress } from '../../runtime/configuration/server-urls.ts'
import type { AmqpRefusal } from './connection-refusal.ts'

// The methods of class 10 (connection) that open a connection, of AMQP 0-9-1.
const methods = { start: 10, startOk: 11, tune: 30, tuneOk: 31, open: 40, openOk: 41, close: 50 } as const
const header = Buffer.from('AMQP\0\0\x09\x01', 'latin1')

/**
 * Opens a connection by hand up to the answer about its vhost, and hangs up: why the broker closes it, or
 * undefined when it does not, or does not answer within `timeoutMs`.
 */
export const closeReasonOf = (address: AmqpAddress, timeoutMs: number): Promise<AmqpRefusal | undefined> =>
  new Promise(resolve => {
    const socket = socketTo(address)
    const end = (reason?: AmqpRefusal) => {
      resolve(reason)
      socket.destroy()
    }
    socket.setTimeout(timeoutMs, () => end())
    socket.once('error', () => end()).once('close', () => end())
    socket.write(header)
    eachMethod(socket, (method, rest) => {
      if (method === methods.start) socket.write(startOk(address))
      else if (method === methods.tune) socket.write(Buffer.concat([tuneOk(rest), open(address)]))
      else end(method === methods.close ? closeReason(rest) : undefined)
    })
  })

const socketTo = ({ protocol, hostname: host, port }: AmqpAddress): Socket =>
  protocol === 'amqps'
    ? connectSecurely({ host, port, ...(isIP(host) === 0 && { servername: host }) })
    : connectPlainly({ host, port })

/** Calls back for each method frame with the number of the method and its arguments. */
const eachMethod = (socket: Socket, got: (method: number, rest: Buffer) => void): void => {
  let read = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    read = Buffer.concat([read, chunk])
    while (read.length >= 7 && read.length >= read.readUInt32BE(3) + 8) {
      const payload = read.subarray(7, 7 + read.readUInt32BE(3))
      read = read.subarray(payload.length + 8)
      got(payload.readUInt16BE(2), payload.subarray(4))
    }
  })
}

const frame = (method: number, ...parts: readonly Buffer[]): Buffer => {
  const payload = Buffer.concat([Buffer.of(0, 10, 0, method), ...parts])
  const start = Buffer.alloc(7)
  start.writeUInt8(1, 0)
  start.writeUInt32BE(payload.length, 3)
  return Buffer.concat([start, payload, Buffer.of(0xce)])
}

const shortText = (text: string): Buffer =>
  Buffer.concat([Buffer.of(Buffer.byteLength(text)), Buffer.from(text)])

const longText = (text: string): Buffer => {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(Buffer.byteLength(text))
  return Buffer.concat([size, Buffer.from(text)])
}

const startOk = ({ user, password }: AmqpAddress): Buffer => {
  const noProperties = Buffer.alloc(4)
  return frame(
    methods.startOk,
    noProperties,
    shortText('PLAIN'),
    longText(`\0${user}\0${password}`),
    shortText('en_US'),
  )
}

// What the server proposes is taken: two bytes of channels, four of frame size, two of heartbeat.
const tuneOk = (proposed: Buffer): Buffer => frame(methods.tuneOk, proposed.subarray(0, 8))

const open = ({ vhost }: AmqpAddress): Buffer =>
  frame(methods.open, shortText(vhost), shortText(''), Buffer.of(0))

const closeReason = (rest: Buffer): AmqpRefusal => ({
  code: rest.readUInt16BE(0),
  text: rest.subarray(3, 3 + rest.readUInt8(2)).toString(),
})
