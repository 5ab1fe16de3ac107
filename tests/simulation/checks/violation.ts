/** What must never be seen, or must be true in the end. */
export class Violation extends Error {
  readonly orderId: string | undefined
  constructor(what: string, orderId?: string) {
    super(orderId ? `${what} (${orderId})` : what)
    this.orderId = orderId
  }
}
