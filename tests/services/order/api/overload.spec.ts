import { expect } from 'chai'
import { anOrder } from '../../../../harness/an-order.ts'
import { closeApis, keyOf, type OpenApi, openApi, type Reply } from './api-server.ts'
import { eventually, rawClient, rawPost } from './raw-client.ts'

const bearer = (name: string) => ({ authorization: `Bearer ${keyOf(name).key}` })

const place = (door: OpenApi, headers: Record<string, string> = {}) =>
  door.send('POST', '/orders', { body: anOrder(), headers })

describe('the public API, with more requests than it works on at once', () => {
  afterEach(closeApis)

  const asked = (door: OpenApi, count: number) =>
    eventually(
      () => door.desk.waiting() === count,
      () => `${count} requests at the desk, there are ${door.desk.waiting()}`,
    )
  const expectRetry = ({ headers }: Reply) => expect(Number(headers.get('retry-after'))).to.be.within(1, 3)

  it('tells the next one to come back, serves all it took, and then the next', async () => {
    const door = await openApi({ config: { CHOREO_MAX_IN_FLIGHT: 3 } })
    const goOn = door.desk.hold()
    const taken = [1, 2, 3].map(() => place(door))
    await asked(door, 3)
    const refused = await place(door)
    expect([refused.status, refused.json.code]).to.deep.equal([503, 'busy'])
    expectRetry(refused)
    goOn()
    expect((await Promise.all(taken)).map(({ status }) => status)).to.deep.equal([202, 202, 202])
    expect((await place(door)).status).to.equal(202)
    expect(door.desk.orders.size).to.equal(4)
  })

  it('refuses before it reads a body', async () => {
    const door = await openApi({ config: { CHOREO_MAX_IN_FLIGHT: 1 } })
    const goOn = door.desk.hold()
    const taken = place(door)
    await asked(door, 1)
    const client = await rawClient(door.port)
    client.write(
      'POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n',
    )
    await client.until(/^HTTP\/1.1 503 /)
    client.destroy()
    goOn()
    await taken
  })

  it('gives one caller a quarter, so that another still gets in', async () => {
    const config = {
      CHOREO_MAX_IN_FLIGHT: 8,
      CHOREO_CALLER_KEYS: [keyOf('ada').holder, keyOf('bob').holder],
    }
    const door = await openApi({ config })
    const goOn = door.desk.hold()
    const taken = [place(door, bearer('ada')), place(door, bearer('ada'))]
    await asked(door, 2)
    const refused = await place(door, bearer('ada'))
    expect([refused.status, refused.json.code]).to.deep.equal([429, 'caller-busy'])
    expectRetry(refused)
    taken.push(place(door, bearer('bob')))
    await asked(door, 3)
    goOn()
    for (const { status } of await Promise.all(taken)) expect(status).to.equal(202)
    expect((await place(door, bearer('ada'))).status).to.equal(202)
  })

  it('keeps the place of a client that left until its order is decided, and no longer', async () => {
    const door = await openApi({ config: { CHOREO_MAX_IN_FLIGHT: 1 } })
    const goOn = door.desk.hold()
    const client = await rawClient(door.port)
    client.write(rawPost('/orders', JSON.stringify(anOrder())))
    await asked(door, 1)
    client.destroy()
    await client.closed
    expect((await place(door)).status).to.equal(503)
    goOn()
    await eventually(() => door.desk.orders.size === 1, 'the order')
    expect((await place(door)).status).to.equal(202)
  })

  it('gives back every place, whatever the answer was and however its client left', async () => {
    const door = await openApi({ config: { CHOREO_MAX_IN_FLIGHT: 1 } })
    for (const [method, path] of [
      ['GET', '/nowhere'],
      ['PUT', '/orders'],
      ['GET', '/orders/%E0%A4%A'],
      ['POST', '/orders'],
      ['GET', '/stock/SKU-0'],
      ['GET', '/orders/x'],
    ] as const)
      await door.send(method, path)
    const client = await rawClient(door.port)
    client.write(rawPost('/orders', JSON.stringify(anOrder())).subarray(0, -1))
    await eventually(async () => (await place(door)).status === 503, 'the place to be taken')
    client.destroy()
    await eventually(async () => (await place(door)).status === 202, 'the place to be free')
  })

  it('gives back the places of pipelined requests whose client left', async () => {
    const door = await openApi({ config: { CHOREO_MAX_IN_FLIGHT: 3 } })
    const goOn = door.desk.hold()
    const client = await rawClient(door.port)
    const order = rawPost('/orders', JSON.stringify(anOrder()))
    client.write(Buffer.concat([order, order, order.subarray(0, -1)]))
    await asked(door, 2)
    client.destroy()
    await client.closed
    goOn()
    await eventually(() => door.desk.orders.size === 2, 'both orders')
    await door.door.drain()
  })
})

describe('the public API, draining', () => {
  afterEach(closeApis)

  it('answers what it took, also on a connection that stays open, and takes nothing new', async () => {
    const door = await openApi()
    const goOn = door.desk.hold()
    const [taken, idle] = [await rawClient(door.port), await rawClient(door.port)]
    idle.write('GET /catalogue HTTP/1.1\r\nHost: x\r\n\r\n')
    await idle.until(/SKU-0/)
    taken.write(rawPost('/orders', JSON.stringify(anOrder())))
    await eventually(() => door.desk.waiting() === 1, 'the desk to be asked')
    const drained = door.door.drain()
    await idle.closed
    const refused = await fetch(door.url).catch((error: Error) => error.cause)
    expect(refused).to.have.property('code', 'ECONNREFUSED')
    goOn()
    expect(await taken.closed).to.match(/^HTTP\/1.1 202 .*connection: close/is)
    await drained
    expect(door.desk.orders.size).to.equal(1)
  })

  it('refuses a request that a connection begins before and ends after', async () => {
    const door = await openApi()
    const goOn = door.desk.hold()
    const [taken, late] = [await rawClient(door.port), await rawClient(door.port)]
    taken.write(rawPost('/orders', JSON.stringify(anOrder())))
    await eventually(() => door.desk.waiting() === 1, 'the desk to be asked')
    // One write, so that the half request is read when the whole one is answered.
    late.write('GET /catalogue HTTP/1.1\r\nHost: x\r\n\r\nGET /catalogue HTTP/1.1\r\n')
    await late.until(/SKU-0/)
    const drained = door.door.drain()
    late.write('Host: x\r\n\r\n')
    expect(await late.closed).to.match(/HTTP\/1.1 503 .*draining/s)
    goOn()
    await drained
    expect(await taken.closed).to.match(/^HTTP\/1.1 202 /)
  })

  it('tells a client that is still sending to come back, and waits for none that says nothing', async () => {
    const door = await openApi({ config: { CHOREO_MAX_IN_FLIGHT: 1 } })
    const [sending, silent] = [await rawClient(door.port), await rawClient(door.port)]
    silent.write('GET /cata')
    sending.write(rawPost('/orders', JSON.stringify(anOrder())).subarray(0, -1))
    await eventually(async () => (await place(door)).status === 503, 'the place to be taken')
    door.desk.calls.length = 0
    await door.door.drain()
    expect(await sending.closed)
      .to.match(/^HTTP\/1.1 503 .*retry-after: \d/is)
      .and.contain('draining')
    await silent.closed
    expect(door.desk.calls).to.deep.equal([])
  })

  it('waits for the order of a client that left', async () => {
    const door = await openApi()
    const goOn = door.desk.hold()
    const client = await rawClient(door.port)
    client.write(rawPost('/orders', JSON.stringify(anOrder())))
    await eventually(() => door.desk.waiting() === 1, 'the desk to be asked')
    client.destroy()
    await client.closed
    let done = false
    const drained = door.door.drain().then(() => {
      done = true
    })
    await new Promise(resolve => setImmediate(resolve))
    expect(done).to.equal(false)
    goOn()
    await drained
    expect(door.desk.orders.size).to.equal(1)
  })
})
