import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { anOrder } from '../../../../harness/an-order.ts'
import { closeApis, type OpenApi, openApi } from './api-server.ts'
import { rawClient, rawPost } from './raw-client.ts'

describe('the public API, given a body that it does not read', () => {
  let door: OpenApi
  before(async () => {
    door = await openApi()
  })
  after(closeApis)
  afterEach(() => expect(door.desk.calls).to.deep.equal([]))

  const post = (body: unknown, headers: Record<string, string> = {}) =>
    door.send('POST', '/orders', { body, headers })

  for (const [title, body] of [
    ['nothing', ''],
    ['half an object', '{"customerId":'],
    ['text', 'hello'],
    ['two objects', '{}{}'],
  ] as const)
    it(`refuses ${title} as broken JSON`, async () => {
      const { status, json } = await post(body)
      expect([status, json.code]).to.deep.equal([400, 'json-invalid'])
    })

  it('refuses bytes that are not UTF-8', async () => {
    const client = await rawClient(door.port)
    client.write(rawPost('/orders', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])))
    expect(await client.until(/json-invalid/)).to.match(/^HTTP\/1.1 400 /)
    client.destroy()
  })

  for (const [type, status] of [
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['multipart/form-data; boundary=x', 415],
    ['application/jsonx', 415],
    ['application/json; charset=latin1', 400],
    ['application/json; charset=utf-16', 400],
  ] as const)
    it(`answers ${status} to the content type ${type}`, async () => {
      const reply = await post(anOrder(), { 'content-type': type })
      expect(reply.status).to.equal(status)
      expect(reply.json.errors).to.have.nested.property('[0].field', 'Content-Type')
    })

  it('answers 415 to a compressed body and to none with a type', async () => {
    const client = await rawClient(door.port)
    client.write(rawPost('/orders', gzipSync(JSON.stringify(anOrder())), ['Content-Encoding: gzip']))
    expect(await client.until(/media-unsupported/)).to.match(/^HTTP\/1.1 415 .*Content-Encoding/s)
    client.destroy()
    expect((await door.send('POST', '/orders')).status).to.equal(415)
  })

  it('answers 413 to a body above 64 KiB by its declared length, before any of it is sent', async () => {
    const client = await rawClient(door.port)
    client.write(
      'POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 65537\r\n\r\n',
    )
    expect(await client.until(/body-too-large/)).to.match(/^HTTP\/1.1 413 /)
    client.destroy()
  })

  it('answers 413 to a chunked body as soon as it passes 64 KiB', async () => {
    const client = await rawClient(door.port)
    client.write(
      'POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    )
    for (let sent = 0; sent < 5; sent++) client.write(`4000\r\n${' '.repeat(0x4000)}\r\n`)
    expect(await client.until(/body-too-large/)).to.match(/^HTTP\/1.1 413 /)
    client.destroy()
  })

  it('cuts off a client that goes on sending after the refusal', async () => {
    const client = await rawClient(door.port)
    client.write(
      'POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 999999999\r\n\r\n',
    )
    await client.until(/^HTTP\/1.1 415 /)
    client.write(' '.repeat(3 * 1024 * 1024))
    await client.closed
  })

  it('does not ask for a body that it would refuse, and asks for one that it wants', async () => {
    const refused = await rawClient(door.port)
    refused.write(
      'POST /orders HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 70000\r\n\r\n',
    )
    expect(await refused.closed).to.match(/^HTTP\/1.1 413 /)
    const wanted = await rawClient(door.port)
    wanted.write(
      'POST /orders HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n',
    )
    await wanted.until(/^HTTP\/1.1 100 /)
    wanted.write('{}')
    await wanted.until(/HTTP\/1.1 400 /)
    wanted.destroy()
  })

  it('reads a body of exactly 64 KiB', async () => {
    const { status, json } = await post(`{}${' '.repeat(65_534)}`)
    expect([status, json.code]).to.deep.equal([400, 'fields-invalid'])
  })

  for (const [title, key] of [
    ['is empty', ''],
    ['has 256 characters', 'k'.repeat(256)],
    ['has a space', 'a b'],
    ['is not ASCII', 'schlüssel'],
  ] as const)
    it(`refuses an Idempotency-Key that ${title}`, async () => {
      const { status, json } = await post(anOrder(), { 'idempotency-key': key })
      expect(status).to.equal(400)
      expect(json.errors).to.have.nested.property('[0].field', 'Idempotency-Key')
    })

  it('refuses an Idempotency-Key that is sent twice', async () => {
    const client = await rawClient(door.port)
    client.write(rawPost('/orders', JSON.stringify(anOrder()), ['Idempotency-Key: a', 'Idempotency-Key: b']))
    await client.until(/^HTTP\/1.1 400 .*Idempotency-Key/s)
    client.destroy()
  })
})
