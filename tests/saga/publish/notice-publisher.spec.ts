import { expect } from 'chai'
import { shop } from '../../../services/contract/shop.ts'
import type { Notice } from '../../../shared/contract/notice.ts'
import { silentLog } from '../../../shared/runtime/telemetry/log.ts'
import { unobserved } from '../../../shared/saga/observe/observer.ts'
import { noticePublisher } from '../../../shared/saga/publish/notice-publisher.ts'
import { noticeOf } from '../../../shared/saga/publish/notices.ts'
import { manualClock } from '../../support/manual-clock.ts'

describe('the publisher of notices', () => {
  const published = async (publish: () => Promise<void>) => {
    const clock = manualClock()
    const lost: string[] = []
    const observer = { ...unobserved, reportLost: ({ id }: Notice) => void lost.push(id) }
    const publisher = { publish, close: async () => {}, connected: true }
    const reportNotice = noticePublisher(shop, publisher, { clock, log: silentLog, observer })
    let over = false
    const about = { service: 'payment', topic: 'x', nth: 1, at: 0 }
    void reportNotice(noticeOf('repaired', { what: 'nudged', count: 1 }, about)).then(() => {
      over = true
    })
    await clock.settle()
    return { clock, lost, isOver: () => over }
  }

  it('never fails: what the broker refuses is counted', async () => {
    const { lost, isOver } = await published(() => Promise.reject(new Error('away')))
    expect([isOver(), lost]).to.deep.equal([true, ['x/payment/repaired/1']])
  })

  it('waits a second for the confirm and no longer', async () => {
    const { clock, lost, isOver } = await published(() => new Promise(() => {}))
    await clock.advance(999)
    expect([isOver(), lost]).to.deep.equal([false, []])
    await clock.advance(1)
    expect([isOver(), lost]).to.deep.equal([true, ['x/payment/repaired/1']])
  })
})
