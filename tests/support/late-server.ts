import { startWire } from '../messaging/wire.ts'

/** A port at which a real server is found only after a while. */
export type LateServer = {
  readonly port: number
  /** Resolves when it is there. */
  readonly there: Promise<void>
  close(): void
}

/**
 * How a server is away: nothing listens, or everything is taken in and never answered, as behind a firewall
 * or with a process that hangs.
 */
export type Absence = 'refuses' | 'swallows'

/**
 * For how long servers are away (ms): one time longer than every time-out on the way to a connection.
 * `CHOREO_ABSENT_SECONDS` asks for others.
 */
export const absentMs: readonly number[] = (process.env.CHOREO_ABSENT_SECONDS ?? '1,20')
  .split(',')
  .map(seconds => 1_000 * Number(seconds))

/**
 * Passes connections on to `target` from `ms` on; what came before is refused at once, or swallowed and then
 * cut.
 */
export const lateServer = async (target: number, absence: Absence, ms: number): Promise<LateServer> => {
  const wire = await startWire(target)
  if (absence === 'refuses') wire.cut()
  else wire.stall()
  const there = new Promise<void>(resolve => setTimeout(resolve, ms)).then(() => {
    wire.cut()
    wire.goOn()
  })
  return { port: wire.port, there, close: () => void wire.close() }
}
