import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { configuration as orderConfig } from '../../../services/order/configuration.ts'
import { loadConfig } from '../../../shared/runtime/configuration/config.ts'
import { faultOf, refused, servers } from './order-variables.ts'

describe('a secret in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'choreo-config-'))
  const file = join(folder, 'amqp-url')
  const { AMQP_URL, ...others } = servers
  before(() => writeFileSync(file, `${AMQP_URL}\n`))
  after(() => rmSync(folder, { recursive: true }))

  it('counts as the variable', () => {
    expect(loadConfig(orderConfig, { ...others, AMQP_URL_FILE: file }).config.AMQP_URL).to.equal(AMQP_URL)
  })

  it('is refused beside the variable itself', () => {
    expect(refused({ AMQP_URL_FILE: file })).to.contain(
      'AMQP_URL: expected either it or AMQP_URL_FILE, found both',
    )
  })

  it('that cannot be read is one fault, not two', () => {
    const message = faultOf(() => loadConfig(orderConfig, { ...others, AMQP_URL_FILE: join(folder, 'none') }))
    expect(message).to.contain('AMQP_URL_FILE: expected a readable file').and.contain('ENOENT')
    expect(message).to.not.contain('AMQP_URL: ')
  })

  it('is not shown when it is wrong', () => {
    writeFileSync(join(folder, 'wrong'), 'SECRET')
    const message = faultOf(() =>
      loadConfig(orderConfig, { ...others, AMQP_URL_FILE: join(folder, 'wrong') }),
    )
    expect(message).to.contain('AMQP_URL: expected').and.not.contain('SECRET')
  })

  it('is not read for a variable that is no secret', () => {
    const { warnings, config } = loadConfig(orderConfig, { ...servers, CHOREO_HTTP_PORT_FILE: file })
    expect(config.CHOREO_HTTP_PORT).to.equal(3000)
    expect(warnings).to.deep.equal([
      'CHOREO_HTTP_PORT_FILE is not read by anything; did you mean CHOREO_HTTP_PORT?',
    ])
  })
})
