import { createServer, IncomingMessage, ServerResponse } from 'node:http'
import { expect } from 'chai'
import express from 'express'
import { messagesOf } from '../../../../services/order/api/express-messages.ts'
import { closeServer, listenAt } from '../../../../shared/runtime/http/listen.ts'

describe('requests and responses of the public API', () => {
  it('have the prototype that Express would give them before it does, and all that Express adds', async () => {
    const app = express()
    const messages = messagesOf(app)
    const seen: object[] = []
    app.get('/orders/:id', (request, response) => {
      seen.push(Object.getPrototypeOf(request), Object.getPrototypeOf(response))
      response
        .status(201)
        .json({ id: request.params.id, accepts: request.accepts('json'), own: request.app === app })
    })
    const server = createServer(messages, app)
    const { port } = await listenAt(server, { port: 0, host: '127.0.0.1', variable: 'CHOREO_HTTP_PORT' })
    const answer = await fetch(`http://127.0.0.1:${port}/orders/one`)
    expect(answer.status).to.equal(201)
    expect(await answer.json()).to.deep.equal({ id: 'one', accepts: 'json', own: true })
    expect(seen[0]).to.equal(messages.IncomingMessage?.prototype)
    expect(seen[1]).to.equal(messages.ServerResponse?.prototype)
    expect(seen[0]).to.be.instanceOf(IncomingMessage)
    expect(seen[1]).to.be.instanceOf(ServerResponse)
    server.closeAllConnections()
    await closeServer(server)
  })
})
