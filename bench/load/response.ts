/** What a call was answered; status 0 is no answer at all. */
export type Answer = { readonly status: number; readonly retryAfter: boolean; readonly body: string }

/** A whole answer, and whether the server closes the connection after it. */
export type Response = { readonly answer: Answer; readonly closes: boolean }

const headEnd = '\r\n\r\n'

/** The body of the chunks from `at` on; undefined while the last one is missing. */
const chunked = (bytes: Buffer, at: number): string | undefined => {
  const parts: Buffer[] = []
  for (let from = at; ; ) {
    const line = bytes.indexOf('\r\n', from)
    if (line < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', from, line), 16)
    const end = line + 2 + size + 2
    if (bytes.length < end) return undefined
    if (size === 0) return Buffer.concat(parts).toString()
    parts.push(bytes.subarray(line + 2, line + 2 + size))
    from = end
  }
}

const bodyIn = (bytes: Buffer, head: string, at: number): string | undefined => {
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return chunked(bytes, at)
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
  return bytes.length < at + length ? undefined : bytes.toString('utf8', at, at + length)
}

/**
 * The answer of HTTP/1.1 in these bytes, undefined while something of it is missing. Nothing may follow it.
 * Pure.
 */
export const responseIn = (bytes: Buffer): Response | undefined => {
  const end = bytes.indexOf(headEnd)
  if (end < 0) return undefined
  const head = bytes.toString('latin1', 0, end)
  const body = bodyIn(bytes, head, end + headEnd.length)
  if (body === undefined) return undefined
  const status = Number(head.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length))
  const retryAfter = /\r\nretry-after: *\S/i.test(head)
  return { answer: { status, retryAfter, body }, closes: /\r\nconnection: *close/i.test(head) }
}
