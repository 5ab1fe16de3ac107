/** One server-sent event. */
export type Streamed = { id: string | undefined; event: string | undefined; data: Record<string, unknown> }

/** Reads a stream of server-sent events to its end. */
export const eventsOf = async (
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; events: Streamed[]; text: string }> => {
  const response = await fetch(url, { headers })
  const text = await response.text()
  return { status: response.status, events: parseEvents(text), text }
}

/** The events in the text of a stream; comments and fields that are no part of an event are left out. */
export const parseEvents = (text: string): Streamed[] =>
  text.split('\n\n').flatMap(block => {
    const field = (name: string) =>
      block
        .split('\n')
        .find(line => line.startsWith(`${name}: `))
        ?.slice(name.length + 2)
    const data = field('data')
    return data === undefined ? [] : [{ id: field('id'), event: field('event'), data: JSON.parse(data) }]
  })

/** A client that listens. */
export type Listener = {
  readonly status: number
  /** All that came so far. */
  text(): string
  events(): Streamed[]
  /** Resolves when the stream ends, however it does. */
  readonly ended: Promise<void>
  leave(): void
}

/** Begins to listen; resolves with the head of the answer. */
export const listen = async (url: string, headers: Record<string, string> = {}): Promise<Listener> => {
  const leaving = new AbortController()
  const response = await fetch(url, { headers, signal: leaving.signal })
  let text = ''
  const collect = async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString()
  }
  const ended = collect().catch(() => {})
  return {
    ...{ status: response.status, ended },
    text: () => text,
    events: () => parseEvents(text.slice(0, text.lastIndexOf('\n\n') + 2)),
    leave: () => leaving.abort(),
  }
}
