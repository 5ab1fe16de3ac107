import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import { MongoClient } from 'mongodb'
import { apiClientAt } from '../../harness/api-client.ts'
import { audit } from '../../harness/audit.ts'
import { gatherEvidence, type Snapshot, type Sources, takeSnapshot } from '../../harness/evidence.ts'
import type { KindName } from '../../harness/order-kinds.ts'
import { type Planned, planOrders } from '../../harness/order-plan.ts'
import { patientClient } from '../../harness/patient-client.ts'
import { startWorkload, type Workload, type WorkloadOrder } from '../../harness/workload.ts'
import { waitUntil } from '../../local/supervision/wait.ts'
import { readSealed } from '../../reference/seals.ts'
import type * as Shop from '../../services/contract/shop.ts'
import type * as Envelope from '../../shared/contract/envelope.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { type DocumentRecord, fromRecord } from '../../shared/storage/mongo/document-record.ts'
import { deadLettersIn } from '../faults/documents.ts'
import { failureText } from '../faults/failure-text.ts'
import { needs, rabbitmq, redis } from '../support/servers.ts'
import { type Beside, counted, type Release, startTwoReleases, type TwoReleases } from './two-releases.ts'

/** Each wave has some of every way to end. */
const wave: Partial<Record<KindName, number>> = { ordinary: 12, 'card declined': 3, 'address refused': 3 }
/** Their charge takes 5 s, so that they are open while the order service is deployed. */
const slow: Partial<Record<KindName, number>> = { 'cancelled while it is charged': 3 }
const settledWithinMs = 60_000
const applied = 'choreo_events_total{event_type="order.placed",outcome="applied"}'
const newer = 'choreo_attempts_failed_total{reason="event-newer"}'

/** Since when which release of the order service ran. */
type Term = { readonly release: Release; readonly since: number }
type Story = {
  settled: boolean
  total: number | null
  caller: string | null
  steps: { type?: string; newer?: number }[]
}

describe('two releases of a system side by side, of which one knows order.placed in a version more', function () {
  this.timeout(180_000)
  needs(rabbitmq, redis)
  let system: TwoReleases
  let beside: Beside
  let sources: Sources
  let start: Snapshot
  let workload: Workload
  let take: (kinds: Partial<Record<KindName, number>>) => Planned[]
  const terms: Term[] = []

  before(async () => {
    system = await startTwoReleases()
    beside = await system.startBeside('inventory', 'next')
    const caller = patientClient({ clock: systemClock, random: systemRandom, patienceMs: 60_000 })
    const providers = { paymentProvider: system.urlOf('payment-provider'), carrier: system.urlOf('carrier') }
    sources = { ...providers, caller, api: apiClientAt(system.whole.system.url, caller) }
    start = await takeSnapshot(sources)
    workload = startWorkload({ api: sources.api, clock: systemClock })
    take = ordersFrom(planOrders({ count: 2_000, run: 'evolve', stock: start.stock, random: systemRandom }))
    terms.push({ release: 'old', since: 0 })
  })
  after(() => system?.stop())

  const inventory = () => system.urlOf('inventory')
  const submit = async (kinds: Partial<Record<KindName, number>>) => {
    const planned = take(kinds)
    await workload.submit(planned)
    return workload.orders().filter(order => planned.includes(order.planned))
  }
  const idsOf = (orders: readonly WorkloadOrder[]) => orders.flatMap(({ orderIds }) => [...orderIds])
  const soon = (what: string, holds: () => Promise<boolean>) => waitUntil(what, holds, { deadlineMs: 30_000 })
  const someEnded = (what: string, meant: (order: OrderEnd) => boolean) =>
    soon(what, async () => (await documentsOf(system.whole.mongodbUrl)).some(meant))
  /**
   * Each release ends orders of its own, and some that the one before began: a next deployment could else be
   * sooner than that.
   */
  const deployOrder = async (release: Release) => {
    const [before, version] = [terms.at(-1), release === 'next' ? 2 : 3]
    await someEnded(
      'an order begins and ends before the deployment',
      ({ placed, endedAt }) => placed === version && endedAt >= (before?.since ?? 0),
    )
    const begun = idsOf(await submit(slow))
    const since = await system.roll('order', release)
    terms.push({ release, since })
    await someEnded(
      'an order begun before the deployment ends after it',
      ({ id, endedAt }) => begun.includes(id) && endedAt >= since,
    )
  }
  /** Several orders may come in one message, which one instance takes: further ones go the other way. */
  const placingUntil = (what: string, holds: () => Promise<boolean>) =>
    soon(what, async () => {
      if (await holds()) return true
      await submit({ ordinary: 1 })
      return holds()
    })
  const versionsOf = async (orderIds: readonly string[]) =>
    new Set(
      (await documentsOf(system.whole.mongodbUrl))
        .filter(({ id }) => orderIds.includes(id))
        .map(one => one.placed),
    )
  const storyOf = async (id: string) =>
    (await (await fetch(`${system.whole.system.url}/orders/${id}/timeline`)).json()) as Story
  const isUnread = ({ steps }: Story) => steps.some(step => step.newer === 3)
  const erase = async (id: string) =>
    (await fetch(`${system.whole.system.url}/orders/${id}/erase`, { method: 'POST' })).status
  const isEnded = async (id: string) => (await sources.api.find(id))?.awaiting.length === 0

  it('share the inbox of inventory while the order service is the old one', async () => {
    const placed = idsOf(await submit(wave))
    expect(await versionsOf(placed)).to.deep.equal(new Set([2]))
    for (const url of [inventory(), beside.url])
      await placingUntil('each instance has applied some', async () => (await counted(url, applied)) > 0)
  })

  it('[I34] share it also while the order service is the next one: what the old instance cannot read waits for the next one', async () => {
    await deployOrder('next')
    const before = await counted(beside.url, applied)
    const placed = idsOf(await submit(wave))
    expect(await versionsOf(placed)).to.deep.equal(new Set([3]))
    await placingUntil('the old one has met some', async () => (await counted(inventory(), newer)) > 0)
    await soon('the next one has applied some', async () => (await counted(beside.url, applied)) > before)
    await soon('the old tracking to hear of them', async () =>
      (await Promise.all(placed.map(storyOf))).every(isUnread),
    )
  })

  it('[I34] read what the other one has on record, both ways', async () => {
    const [ended = ''] = idsOf(await submit({ ordinary: 1 }))
    await soon('an end', () => isEnded(ended))
    const before = await sources.api.find(ended)
    await deployOrder('old')
    expect(await sources.api.find(ended)).to.deep.equal(before)
    expect(await erase(ended), 'erased by whom it is not known to').to.equal(503)
    await submit(wave)
    await deployOrder('next')
    expect(await sources.api.find(ended)).to.deep.equal(before)
    expect(await erase(ended)).to.equal(200)
  })

  it('[I6] end every order as it should, whichever of them began it and whichever ended it', async () => {
    await system.roll('inventory', 'next')
    await workload.settle(Date.now() + settledWithinMs)
    const how = { orders: workload.orders(), alone: true, disturbed: true }
    const offences = audit(await gatherEvidence(sources, start, how))
    const dead = await deadLettersIn(system.whole.vhost)
    if (offences.length + dead.length > 0)
      expect.fail(await failureText({ ...system.whole, sources, offences, dead, orders: workload.orders() }))
    const ends = (await documentsOf(system.whole.mongodbUrl)).map(({ placed, endedAt }) => {
      const by = terms.findLast(({ since }) => since <= endedAt)?.release
      return `v${placed}, ended by the ${by} release`
    })
    expect(new Set(ends)).to.deep.equal(
      new Set(
        ['old', 'next'].flatMap(by => [2, 3].map(version => `v${version}, ended by the ${by} release`)),
      ),
    )
  })

  it('[I34] tell the whole story once tracking is deployed, although it passed over what it could not read', async () => {
    await system.roll('tracking', 'next')
    for (const { id, placed, total } of await documentsOf(system.whole.mongodbUrl)) {
      await soon(`the story of ${id}`, async () => {
        const story = await storyOf(id)
        return story.settled && !isUnread(story) && story.total === total
      })
      if (placed === 3) expect((await storyOf(id)).caller).to.be.a('string')
    }
  })

  it('[I17] read every version that was ever published, each upcast to the newest', async () => {
    const inBuild = (file: string) => import(pathToFileURL(join(system.next.build, file)).href)
    const { decode, singleType } = (await inBuild('shared/contract/envelope.js')) as typeof Envelope
    const { shop } = (await inBuild('services/contract/shop.js')) as typeof Shop
    const golden = readSealed(pathToFileURL(join(system.next.build, '../tests/contract/golden/')))
    for (const version of ['v1', 'v2', 'v3']) {
      const body = Buffer.from(golden.files.get(`order.placed.${version}.json`) ?? '')
      const [decoded] = decode(shop, body, singleType)
      if (!decoded || !('event' in decoded)) throw new Error(`${version}: ${decoded?.error.message}`)
      expect(decoded.event).to.include({ version: 3 })
      expect(decoded.event.data).to.include({ currency: 'EUR', total: version === 'v1' ? 2_550 : 2_500 })
    }
  })
})

/** Takes orders of these kinds out of a plan; none is asked to be cancelled, so that each has one end. */
const ordersFrom = (plan: Planned[]) => (kinds: Partial<Record<KindName, number>>) =>
  Object.entries(kinds).flatMap(([kind, count]) =>
    plan
      .filter(planned => planned.kind === kind)
      .slice(0, count)
      .map(planned => {
        plan.splice(plan.indexOf(planned), 1)
        const { cancelAfterMs: _, ...kept } = planned
        return kept
      }),
  )

type OrderEnd = {
  readonly id: string
  readonly placed: number | undefined
  readonly total: number | undefined
  readonly endedAt: number
}

/**
 * What the order service has on record: in which version each order was placed, for how much, and when it
 * ended (ms).
 */
const documentsOf = async (url: string): Promise<OrderEnd[]> => {
  const client = new MongoClient(url)
  try {
    const records = await client.db('choreo_order').collection<DocumentRecord>('orders').find().toArray()
    // Beside the orders lies what a probe writes.
    const ofOrders = records.filter(({ events }) => events)
    return ofOrders.map(fromRecord).map(({ subject: id, events }) => {
      const placed = events.find(({ type }) => type === 'order.placed')
      const end = events.find(({ type }) => /^order\.(confirmed|rejected|cancelled)$/.test(type))
      const total = (placed?.data as { total: number } | undefined)?.total
      return { id, placed: placed?.version, total, endedAt: Date.parse(end?.at ?? '') }
    })
  } finally {
    await client.close()
  }
}
