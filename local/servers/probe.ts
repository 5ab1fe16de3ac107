import { connect } from 'node:net'

/**
 * What a TCP server on loopback answers first to `request`, or a rejection when it refuses or says nothing
 * for a second.
 */
export const firstAnswer = (port: number, request: string | Uint8Array): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.setTimeout(1_000, () => socket.destroy(new Error('no answer')))
    socket.once('connect', () => socket.write(request))
    socket.once('data', answer => {
      resolve(answer)
      socket.destroy()
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed without an answer')))
  })
