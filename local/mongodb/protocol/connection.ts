import type { Socket } from 'node:net'
import { reportOf } from '../../../shared/runtime/error-report.ts'
import { logFailure } from '../../../shared/runtime/telemetry/failure-log.ts'
import type { Log } from '../../../shared/runtime/telemetry/log.ts'
import type { Storage } from '../storage/storage.ts'
import { execute } from './commands.ts'
import { messageCutter, type Request, readRequest } from './wire.ts'

/** A connection that is served; `end` closes it when all that was asked is answered. */
export type Connection = { socket: Socket; end(): Promise<void> }

/** An answer in its turn; it is given when what it shows is on disk. */
type Turn = { bytes: Buffer | undefined; ready: boolean }

/** Serves a connection: requests are worked on as they come and answered in their order, as MongoDB does. */
export const serve = (socket: Socket, storage: Storage, log: Log): Connection => {
  const cut = messageCutter()
  const turns: Turn[] = []
  let idle = () => {}
  const refuse = (error: unknown) => {
    logFailure(log, 'a connection is closed', reportOf(error))
    socket.destroy()
  }
  // Those that are first in turn and ready.
  const giveAnswers = () => {
    const waiting = turns.findIndex(({ ready }) => !ready)
    const given = turns.splice(0, waiting < 0 ? turns.length : waiting)
    const bytes = given.flatMap(turn => turn.bytes ?? [])
    if (bytes.length > 0 && !socket.destroyed)
      socket.write(bytes.length === 1 ? (bytes[0] as Buffer) : Buffer.concat(bytes))
    if (turns.length === 0) idle()
  }
  const take = (request: Request) => {
    const { answer, waitsFor } = execute(storage, request.command)
    const turn: Turn = { bytes: request.silent ? undefined : request.frame(answer), ready: false }
    turns.push(turn)
    storage.journal.whenFlushed(waitsFor, error => {
      turn.ready = true
      if (error !== undefined) refuse(error)
      if (turns[0] === turn) giveAnswers()
    })
  }
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', chunk => {
    try {
      for (const message of cut(chunk)) take(readRequest(message))
    } catch (error) {
      refuse(error)
    }
  })
  const end = async () => {
    socket.pause()
    if (turns.length > 0)
      await new Promise<void>(resolve => {
        idle = resolve
      })
    socket.destroySoon()
  }
  return { socket, end }
}
