import { type Client, type Dispatcher, errors } from 'undici'
import { SagaError } from '../errors.ts'
import { type Clock, whenLate } from '../time/clock.ts'

/** A whole answer; `text` is empty when it was longer than the connection reads. */
export type Reply = { readonly status: number; readonly text: string }

/**
 * A connection that an exchange may use alone; `used` says that its present socket has carried a request
 * before.
 */
export type Connection = { readonly client: Client; used: boolean }

/** Where an exchange has its connection from, and what becomes of it. */
export type ConnectionOwner = {
  readonly closed: boolean
  readonly options: {
    readonly who: string
    readonly headers: Readonly<Record<string, string>>
    readonly timeoutMs: number
    readonly clock: Clock
  }
  /** After an answer: the next call may have it. */
  release(connection: Connection): void
  /** After a failure: nothing is known of it any more. */
  discard(connection: Connection): void
  /** The same, for who wants another one at once. */
  replace(connection: Connection): Connection
}

type Caller = {
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: unknown) => void
}

/** One POST of JSON and its answer, as undici reports it. A class, because every order makes two. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly from: ConnectionOwner
  readonly request: { readonly path: string; readonly body: string }
  readonly caller: Caller
  connection: Connection | undefined
  onUsedSocket = false
  askedAgain = false
  isOver = false
  cancelTimer: (() => void) | undefined
  status = 0
  readonly chunks: Buffer[] = []

  constructor(from: ConnectionOwner, request: { path: string; body: string }, caller: Caller) {
    this.from = from
    this.request = request
    this.caller = caller
  }

  /** Asks over this connection, and is done with it when it gives it back. */
  goOn(connection: Connection): void {
    this.connection = connection
    const { path, body } = this.request
    const { headers } = this.from.options
    connection.client.dispatch({ path, method: 'POST', headers, body }, this)
  }

  /**
   * The request goes out: only now its time begins, for what passed before was a wait of our own, not of the
   * other side.
   */
  onRequestStart(): void {
    const { connection } = this
    if (!connection) return
    this.onUsedSocket = connection.used
    connection.used = true
    if (this.cancelTimer) return
    const { clock, timeoutMs } = this.from.options
    this.cancelTimer = whenLate(clock, timeoutMs, () => this.late())
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number): void {
    this.status = status
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.chunks.push(chunk)
  }

  onResponseEnd(): void {
    const { chunks, connection } = this
    const whole = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
    this.end({ status: this.status, text: whole?.toString() ?? '' })
    if (connection) this.from.release(connection)
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    const { connection } = this
    if (!connection || this.isOver) return
    if (this.isStale(error)) this.askAgain(connection)
    else this.breakOff(connection, error)
  }

  breakOff(connection: Connection, error: Error): void {
    const isTooLong = error instanceof errors.ResponseExceededMaxSizeError
    if (isTooLong) this.end({ status: this.status, text: '' })
    else this.fail(error)
    this.from.discard(connection)
  }

  /**
   * The other side may end a kept connection just as it is used again: that is worth a second try at once.
   */
  isStale({ code }: NodeJS.ErrnoException): boolean {
    const broken = code === 'UND_ERR_SOCKET' || code === 'ECONNRESET' || code === 'EPIPE'
    if (this.from.closed) return false
    return broken && this.onUsedSocket && this.status === 0 && !this.askedAgain
  }

  askAgain(connection: Connection): void {
    this.askedAgain = true
    this.goOn(this.from.replace(connection))
  }

  late(): void {
    const { who, timeoutMs } = this.from.options
    this.fail(new SagaError('provider-unavailable', `${who} did not answer within ${timeoutMs} ms`))
    if (this.connection) this.from.discard(this.connection)
  }

  end(reply: Reply): void {
    this.isOver = true
    this.cancelTimer?.()
    this.caller.resolve(reply)
  }

  fail(error: unknown): void {
    this.isOver = true
    this.cancelTimer?.()
    this.caller.reject(error)
  }
}
