import { Agent, type IncomingMessage, request } from 'node:http'

/** What a call was answered; status 0 is no answer at all. */
export type Answer = { readonly status: number; readonly retryAfter: boolean; readonly body: string }

/** Calls one system over kept connections. */
export type Caller = {
  call(method: 'GET' | 'POST', path: string, body?: string): Promise<Answer>
  close(): void
}

const mostConnections = 512
const patienceMs = 60_000

const textOf = (response: IncomingMessage, done: (text: string) => void) => {
  let text = ''
  response.setEncoding('utf8')
  response.on('data', (some: string) => {
    text += some
  })
  response.on('end', () => done(text))
}

/** A caller of the system at `url` that costs little: Node's own client, one agent, no promise but the answer's. */
export const callerOf = (url: string): Caller => {
  const { hostname, port } = new URL(url)
  const agent = new Agent({ keepAlive: true, maxSockets: mostConnections })
  const call: Caller['call'] = (method, path, body) =>
    new Promise(resolve => {
      const headers = body
        ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
        : {}
      const asked = request({ hostname, port, path, method, agent, headers }, response =>
        textOf(response, text =>
          resolve({
            status: response.statusCode ?? 0,
            retryAfter: response.headers['retry-after'] !== undefined,
            body: text,
          }),
        ),
      )
      asked.on('error', () => resolve({ status: 0, retryAfter: false, body: '' }))
      asked.setTimeout(patienceMs, () => asked.destroy(new Error('no answer')))
      asked.end(body)
    })
  return { call, close: () => agent.destroy() }
}
