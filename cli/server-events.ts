/** One server-sent event. */
export type ServerEvent = { readonly id?: string; readonly event: string; readonly data: string }

/** The events of a stream (HTML, section 9.2), as they come; an unfinished one at its end is dropped. */
export async function* eventsIn(stream: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent, void> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true })
    const blocks = text.split(/\r?\n\r?\n/)
    text = blocks.pop() ?? ''
    for (const block of blocks) yield* eventOf(block)
  }
}

/** The event of a block of lines; none when it has only comments or fields without data. */
const eventOf = (block: string): ServerEvent[] => {
  const fields = block.split(/\r?\n/).flatMap(line => {
    const [, name = '', value = ''] = /^([^:]+)(?:: ?(.*))?$/.exec(line) ?? []
    return name ? [[name, value] as const] : []
  })
  const last = (name: string) => fields.findLast(([field]) => field === name)?.[1]
  const data = fields.filter(([name]) => name === 'data').map(([, value]) => value)
  const id = last('id')
  return data.length === 0
    ? []
    : [{ event: last('event') ?? 'message', data: data.join('\n'), ...(id !== undefined && { id }) }]
}
