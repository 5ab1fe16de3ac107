import { randomInt } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { SagaError } from '../../shared/runtime/errors.ts'
import { isAlive } from '../../system/process.ts'

// Below the range from which the kernel gives ports to outgoing connections, so that none of those takes one
// over a restart.
const lowest = 10_000
const highest = 32_767
// Of this range `fetch` refuses these (WHATWG Fetch, "bad port"): a server there could not be asked whether
// it is up.
const refusedByFetch = [10_080]

/** True for a port that a server may be given. Pure. */
export const mayBeGiven = (port: number): boolean =>
  port >= lowest && port <= highest && !refusedByFetch.includes(port)

/** True when a server could listen on this port of `host` now. */
export const portIsFree = (port: number, host = '127.0.0.1'): Promise<boolean> =>
  new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })

/** @throws SagaError `port-taken` naming the port and the variable that chooses another one. */
export const requireFreePort = async (port: number, variable: string, host = '127.0.0.1'): Promise<void> => {
  if (await portIsFree(port, host)) return
  throw new SagaError('port-taken', `port ${port} is in use; ${variable} chooses another one`, {
    retry: 'never',
  })
}

const reservations = join(tmpdir(), `choreo-ports-${userInfo().uid}`)

const noteOf = (port: number): string => join(reservations, String(port))

const holderOf = (file: string): number => {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return 0
  }
}

/**
 * Between the probe and the server's own listen, another run on this machine must not be given the same port.
 */
const reserve = (port: number): boolean => {
  const file = noteOf(port)
  mkdirSync(reservations, { recursive: true })
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    if (!isAlive(holderOf(file))) rmSync(file, { force: true })
    return false
  }
}

const reserved = new Set<number>()
process.once('exit', () => {
  for (const port of reserved) rmSync(noteOf(port), { force: true })
})

/**
 * True when this port can be had again: nothing listens on it, and no other caller on this machine was given
 * it. It is this one's then.
 */
export const claimPort = async (port: number): Promise<boolean> => {
  // Of a holder that is gone only the note is left: the first try takes it away.
  const isOurs = reserve(port) || holderOf(noteOf(port)) === process.pid || reserve(port)
  if (isOurs) reserved.add(port)
  return isOurs && (await portIsFree(port))
}

/** A port from 10000 to 32767 that nothing listens on and that no other caller on this machine was given. */
export const freePort = async (): Promise<number> => {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const port = randomInt(lowest, highest + 1)
    if (!mayBeGiven(port) || !reserve(port)) continue
    reserved.add(port)
    if (await portIsFree(port)) return port
  }
  throw new SagaError('port-taken', `no free port between ${lowest} and ${highest}`)
}
