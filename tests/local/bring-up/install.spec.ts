import { expect } from 'chai'
import { decideInstall, explainFailure } from '../../../local/bring-up/install.ts'

const missing = ['rabbitmq-server', 'redis-server'] as const
const able = { missing, allowed: undefined, root: true, apt: true }

describe('installing what is missing', () => {
  it('does nothing when nothing is missing, whatever is allowed', () => {
    expect(decideInstall({ missing: [], allowed: 'never', root: false, apt: false })).to.deep.equal({
      do: 'nothing',
    })
  })

  it('installs exactly what is missing as root with apt', () => {
    const packages = ['redis-server'] as const
    expect(decideInstall({ ...able, missing: packages })).to.deep.equal({ do: 'install', packages })
  })

  for (const [fact, facts, says] of [
    ['CHOREO_INSTALL=never', { allowed: 'never' }, 'CHOREO_INSTALL=never'],
    ['no apt-get', { apt: false }, 'no apt-get'],
    ['no root', { root: false }, 'only root can install'],
  ] as const)
    it(`refuses with ${fact}, naming the packages and the variables that spare them`, () => {
      const decision = decideInstall({ ...able, ...facts })
      expect(decision.do).to.equal('refuse')
      const because = decision.do === 'refuse' ? decision.because : ''
      for (const part of [says, ...missing, 'AMQP_URL', 'REDIS_URL']) expect(because).to.include(part)
    })

  for (const [output, explanation] of [
    ['E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 42 (apt)', 'holds the lock'],
    ['Err:1 http://x bookworm\n  Temporary failure resolving x', 'cannot be reached'],
    ['E: Failed getting release file http://x/dists/sid/Release', 'cannot be reached'],
    ['E: Unable to locate package rabbitmq-server', 'does not have it'],
    ['dpkg: error: No space left on device', 'disk is full'],
    ['E: Sub-process /usr/bin/dpkg returned an error code (1)', 'Sub-process'],
  ] as const)
    it(`explains "${output.split('\n')[0]}"`, () => {
      expect(explainFailure(output)).to.include(explanation)
    })
})
