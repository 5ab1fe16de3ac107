import { expect } from 'chai'
import { applyDefinitions } from '../../shared/messaging/topology/apply.ts'
import { hasCode } from '../../shared/runtime/errors.ts'
import { tooOld } from '../../shared/runtime/server-version.ts'

describe('the version of a server', () => {
  it('is looked at before a topology is declared, and nothing is declared on a broker that is too old', async () => {
    const calls: string[] = []
    const api = async (method: string, path: string) => {
      calls.push(`${method} ${path}`)
      return { rabbitmq_version: '3.9.13' }
    }
    const error = await applyDefinitions(api, {}).catch((error: unknown) => error)
    expect(hasCode(error, 'server-unsupported')).to.equal(true)
    expect(String(error)).to.include('RabbitMQ 3.9.13 was found, 3.10 or later is needed')
    expect(calls).to.deep.equal(['GET /api/overview'])
  })

  for (const found of [
    '3.10',
    '3.10.0',
    '3.10.8',
    '3.11.1',
    '4.0.2',
    '4.3.6-rc.1',
    '10.0',
    'unknown',
    '',
    undefined,
  ])
    it(`is no reason to complain: ${found}`, () => {
      expect(tooOld('RabbitMQ', found, '3.10')).to.equal(undefined)
    })

  for (const found of ['3.9.29', '3.8', '3', '2.12.1', '3.9.0+beta.2'])
    it(`is too old, and is named with the one that is needed: ${found}`, () => {
      expect(tooOld('RabbitMQ', found, '3.10')).to.equal(
        `RabbitMQ ${found} was found, 3.10 or later is needed`,
      )
    })
})
