import { createServer, type ServerResponse } from 'node:http'
import { expect } from 'chai'
import { apiClientAt } from '../../cli/api-client.ts'
import { freePort } from '../../local/bring-up/ports.ts'
import { Receipt } from '../../services/order/api/openapi/answers.ts'
import { codeOf } from '../../shared/runtime/errors.ts'
import { closeServer, listenAt } from '../../shared/runtime/http/listen.ts'

describe('the API as a command uses it', () => {
  let answer = (_: ServerResponse): void => {}
  const server = createServer((_, response) => answer(response))
  let port = 0
  before(async () => {
    port = (await listenAt(server, { port: await freePort(), host: '127.0.0.1', variable: 'x' })).port
  })
  after(async () => {
    server.closeAllConnections()
    await closeServer(server)
  })

  const failure = (given: (response: ServerResponse) => void): Promise<Error> => {
    answer = given
    const api = apiClientAt({ url: `http://127.0.0.1:${port}`, key: undefined }, new AbortController().signal)
    return api.call('/orders', Receipt).then(
      () => new Error('it was understood'),
      (error: Error) => error,
    )
  }

  it('says where an answer is another one than the contract has, and quotes nothing of it', async () => {
    const error = await failure(response => response.end(JSON.stringify({ orderId: 'secret', total: 1 })))
    expect(codeOf(error)).to.equal('answer-unexpected')
    expect(error.message).to.include('/orders').and.include('orderId, status').and.not.include('secret')
  })

  it('says that nothing answered when the answer breaks off', async () => {
    const error = await failure(response => {
      response.writeHead(200, { 'content-length': 100 }).write('{')
      setImmediate(() => setImmediate(() => response.destroy()))
    })
    expect(codeOf(error)).to.equal('no-answer')
    expect(error.message).to.include('UND_ERR_SOCKET')
  })
})
