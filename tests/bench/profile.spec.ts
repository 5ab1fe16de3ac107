import { expect } from 'chai'
import { profileOptionsOf } from '../../bench/profile/options.ts'
import { type CpuProfile, roomOf, summaryOf } from '../../bench/profile/summary.ts'
import { profileText } from '../../bench/profile/text.ts'

const build = '/somewhere/dist/'
const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 9 })

describe('a CPU profile', () => {
  it('is told by room: of the project, of a package, of Node', () => {
    const rooms = [
      frame('place', `file://${build}services/order/api/routes.js`),
      frame('encode', `file://${build}shared/contract/envelope.js`),
      frame('serialize', 'file:///x/node_modules/bson/lib/bson.mjs'),
      frame('get', 'file:///x/node_modules/@scope/pack/index.js'),
      frame('writev', 'node:internal/stream'),
      frame('(garbage collector)'),
    ].map(one => roomOf(one, build))
    expect(rooms).to.deep.equal([
      ...['services/order', 'shared/contract', 'bson', '@scope/pack', 'node', '(garbage collector)'],
    ])
  })

  const profile: CpuProfile = {
    nodes: [
      { id: 1, callFrame: frame('(root)') },
      { id: 2, callFrame: frame('(idle)') },
      { id: 3, callFrame: frame('place', `file://${build}services/order/api/routes.js`) },
      { id: 4, callFrame: frame('serialize', 'file:///x/node_modules/bson/lib/bson.mjs') },
      { id: 5, callFrame: frame('place', `file://${build}services/order/api/routes.js`) },
      { id: 6, callFrame: frame('dispatch') },
    ],
    samples: [1, 2, 3, 4, 5, 6],
    timeDeltas: [100, 4_000, 1_000, 3_000, 2_000, 9_000],
  }

  it('counts the time of each sample, and shares of the time that was not idle', () => {
    const summary = summaryOf(profile, build)
    expect(summary).to.include({ busyMs: 6, idleMs: 4 })
    expect(summary.rooms).to.deep.equal([
      { name: 'bson', ms: 3, share: 0.5 },
      { name: 'services/order', ms: 3, share: 0.5 },
    ])
    expect(summary.functions[1]?.name).to.equal('serialize bson bson.mjs:10')
  })

  it('is shown as a table', () => {
    const text = profileText('order', summaryOf(profile, build))
    expect(text.split('\n')[0]).to.equal('order: busy 6 of 10 ms (60.0 %)')
    expect(text).to.match(/50\.0 % {2}bson +50\.0 % {2}place services\/order routes\.js:10/)
  })

  it('is taken as the command line says', () => {
    expect(profileOptionsOf(['--rate', '20', '--workload', 'hot'])).to.deep.include({
      ...{ workload: 'hot', seconds: 15, loop: { perSecond: 20 } },
    })
    expect(() => profileOptionsOf(['--workload', 'cold'])).to.throw('no workload cold')
  })
})
