import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// A lock that cannot be left behind: it is a listening socket, which the operating system closes with its
// process. Linux and Windows name such sockets without a file. Elsewhere a file stays behind a killed holder,
// and is removed when nobody answers on it.

/** @param {string} name */
const addressOf = name => {
  const short = `choreo-${createHash('sha256').update(name).digest('hex').slice(0, 24)}`
  if (process.platform === 'linux') return `\0${short}`
  return process.platform === 'win32' ? `\\\\.\\pipe\\${short}` : join(tmpdir(), `${short}.sock`)
}

/**
 * Resolves when the holder of `address` has let go or died: it keeps our connection open until then.
 * @param {string} address
 * @returns {Promise<void>}
 */
const holderGone = address =>
  new Promise(resolve => {
    const socket = connect(address)
    socket.once('error', () => {
      if (address.endsWith('.sock')) rmSync(address, { force: true })
      resolve()
    })
    socket.once('close', () => resolve())
    socket.resume()
  })

/**
 * Takes the lock, or answers undefined when another process (or another caller in this one) has it.
 * The function that comes back lets go of it.
 * @param {string} name
 * @returns {Promise<(() => void) | undefined>}
 */
export const tryLock = name =>
  new Promise((resolve, reject) => {
    /** @type {Set<import('node:net').Socket>} */
    const waiting = new Set()
    const server = createServer(socket => {
      waiting.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => waiting.delete(socket))
      socket.unref()
    })
    const release = () => {
      server.close()
      for (const socket of waiting) socket.destroy()
    }
    server.once('error', error => {
      if ('code' in error && error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    server.listen(addressOf(name), () => {
      server.unref()
      resolve(release)
    })
  })

/**
 * Takes the lock as soon as it is free; `onWait` is called once when it is not.
 * @param {string} name
 * @param {() => void} onWait
 * @returns {Promise<() => void>}
 */
export const lock = async (name, onWait) => {
  for (let waited = false; ; waited = true) {
    const release = await tryLock(name)
    if (release) return release
    if (!waited) onWait()
    await holderGone(addressOf(name))
  }
}
