import { buildConnector, Client } from 'undici'
import { SagaError } from '../errors.ts'
import type { Clock } from '../time/clock.ts'
import { type Connection, type ConnectionOwner, Exchange, type Reply } from './exchange.ts'

/**
 * `headers` go with every request. `who` is named in errors; `timeoutMs` bounds the making of a connection, and an answer; `sockets` bounds
 * the connections, each with one call at a time, and `waiting` the calls that wait for one.
 */
export type ConnectionOptions = {
  readonly who: string
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly clock: Clock
  readonly sockets: number
  readonly waiting: number
}

/** Kept-alive connections to one server. A call has one to itself, so that a slow one holds nobody else's. */
export type Connections = {
  /**
   * Posts JSON as soon as a connection is free, in the order of the calls; `timeoutMs` count from the moment
   * the request goes out.
   * @throws SagaError `provider-unavailable` when there is no whole answer after `timeoutMs`, and at once
   * when as many calls wait as may; `draining` once it is closed; else whatever the connection raised.
   */
  post(path: string, body: string): Promise<Reply>
  /** Breaks all calls; later ones fail too. */
  close(): void
}

/** Far above any answer of a provider; what is longer is none. */
const largestReply = 64 * 1024

/** Connections to `origin`; none is made before the first call. */
export const openConnections = (origin: string, options: ConnectionOptions): Connections => {
  const line = new Line(origin, options)
  return {
    post: (path, body) =>
      new Promise((resolve, reject) => {
        line.enter(new Exchange(line, { path, body }, { resolve, reject }))
      }),
    close: () => line.close(),
  }
}

/**
 * Who has which connection, and who waits for one. The one that was used last is used next, so that those
 * that are not needed become idle and are closed. Not undici's own pool: it opens a second connection for a
 * call that follows another at once.
 */
class Line implements ConnectionOwner {
  readonly origin: string
  readonly options: ConnectionOptions
  readonly clientOptions: Client.Options
  readonly connections = new Set<Connection>()
  readonly idle: Connection[] = []
  readonly waiting: Exchange[] = []
  closed = false

  constructor(origin: string, options: ConnectionOptions) {
    this.origin = origin
    this.options = options
    this.clientOptions = {
      // One for all, so that they share the sessions of TLS.
      connect: buildConnector({ timeout: options.timeoutMs }),
      // The clock port times answers: a timer of the library would not know that this process itself was
      // busy.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: largestReply,
    }
  }

  /** Gives the call a connection, now or when one is free; or fails it. */
  enter(exchange: Exchange): void {
    const { who, waiting } = this.options
    const connection = this.closed ? undefined : this.freeOne()
    if (connection) exchange.goOn(connection)
    else if (this.closed) exchange.fail(closedError(who))
    else if (this.waiting.length < waiting) this.waiting.push(exchange)
    else exchange.fail(fullError(who, waiting))
  }

  freeOne(): Connection | undefined {
    const roomForMore = this.connections.size < this.options.sockets
    return this.idle.pop() ?? (roomForMore ? this.connect() : undefined)
  }

  connect(): Connection {
    const connection: Connection = { client: new Client(this.origin, this.clientOptions), used: false }
    // It connects anew by itself when it is used again.
    connection.client.on('disconnect', () => {
      connection.used = false
    })
    this.connections.add(connection)
    return connection
  }

  release(connection: Connection): void {
    const next = this.waiting.shift()
    if (next) next.goOn(connection)
    else this.idle.push(connection)
  }

  discard(connection: Connection): void {
    this.remove(connection)
    if (this.closed) return
    const next = this.waiting.shift()
    if (next) next.goOn(this.connect())
  }

  replace(connection: Connection): Connection {
    this.remove(connection)
    return this.connect()
  }

  remove(connection: Connection): void {
    this.connections.delete(connection)
    void connection.client.destroy()
  }

  close(): void {
    this.closed = true
    const error = closedError(this.options.who)
    for (const exchange of this.waiting.splice(0)) exchange.fail(error)
    for (const { client } of this.connections) void client.destroy(error)
  }
}

const closedError = (who: string) => new SagaError('draining', `${who} is not called any more`)

const fullError = (who: string, waiting: number) =>
  new SagaError('provider-unavailable', `${who} was not asked, ${waiting} calls wait already`)
