import { Agent, request } from 'node:http'

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** Posts JSON to a provider and answers its JSON. @throws Error with any other status than 200 */
export const post = <Answer>(url: string, content: object): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const body = JSON.stringify(content)
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const asked = request(url, { method: 'POST', agent, headers }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', some => {
        text += some
      })
      response.on('end', () =>
        response.statusCode === 200
          ? resolve(JSON.parse(text) as Answer)
          : reject(new Error(`${url} answered ${response.statusCode}`)),
      )
    })
    asked.on('error', reject)
    asked.end(body)
  })
