import { reactingNames } from '../../../services/registry.ts'
import { inboxOf } from '../../../shared/messaging/topology/names.ts'
import type { FaultKind } from '../scenarios/scenario.ts'
import type { ParkedCall } from './schedule.ts'
import { deadlineMs, epoch, type Instance, type Shop } from './shop.ts'

/** A fault that can happen now. */
export type Fault = {
  readonly kind: FaultKind
  /** What it befalls, where that is one thing: an instance, a call, a message in a queue. */
  readonly target?: object
  run(): void
  text(): string
}

type Left = Map<FaultKind, number>

/** Every fault that is possible now and still within the budget, in a fixed order. */
export const faultsNow = (shop: Shop, left: Left): Fault[] => {
  const faults: Fault[] = []
  for (const [kind, count] of left)
    if (count > 0) faults.push(...byKind[kind](shop).map(fault => spend(fault, left)))
  return faults
}

const spend = (fault: Fault, left: Left): Fault => ({
  ...fault,
  run: () => {
    left.set(fault.kind, (left.get(fault.kind) ?? 1) - 1)
    fault.run()
  },
})

/** Those that a fault may befall. */
const alive = ({ instances, scenario: { aim } }: Shop): Instance[] =>
  instances.filter(one => one.alive && (aim === undefined || one.service === aim))

/** An aimed fault befalls whoever has something under way; an idle instance would not notice. */
const busy = (shop: Shop): Instance[] =>
  alive(shop).filter(
    one => shop.scenario.aim === undefined || shop.schedule.state.parked.some(({ owner }) => owner === one),
  )

const isAimedAt = ({ scenario: { aim } }: Shop, { owner }: ParkedCall) =>
  aim === undefined || owner.name.startsWith(aim)

const targets = ({ scenario: { aim } }: Shop) =>
  reactingNames.filter(service => aim === undefined || service === aim)

const crash = (shop: Shop): Fault[] => [...killOperator(shop), ...killInstance(shop)]

/** Whoever replays dead letters may stop half-way, and begin again later. */
const killOperator = ({ schedule, hit }: Shop): Fault[] => {
  const call = schedule.state.parked.find(({ owner }) => owner.name === 'operator')
  if (!call) return []
  const run = () => {
    hit('the operator stopped half-way')
    schedule.kill(call.owner)
  }
  return [{ kind: 'crash', text: () => 'the operator stops half-way', run }]
}

const killInstance = (shop: Shop): Fault[] =>
  busy(shop).map(instance => ({
    kind: 'crash',
    target: instance,
    text: () => `${instance.name} is killed`,
    run: () => {
      for (const { port, stage } of shop.schedule.state.parked.filter(one => one.owner === instance))
        shop.hit(`${instance.service} killed ${stage} ${port}`)
      shop.crash(instance)
    },
  }))

const duplicate = (shop: Shop): Fault[] =>
  targets(shop).flatMap(service => {
    const { broker } = shop
    const queue = broker.find(inboxOf(service))
    return [...queue.ready, ...broker.unacked(queue)].map(
      (held): Fault => ({
        kind: 'duplicate',
        target: held,
        text: () => `${queue.name} gets ${held.message.messageId} once more`,
        run: () => broker.duplicate(queue, held),
      }),
    )
  })

const failing = (
  shop: Shop,
  kind: FaultKind,
  fate: 'done-but-lost' | 'not-done',
  applies: (call: ParkedCall) => boolean,
): Fault[] =>
  shop.schedule.state.parked
    .filter(call => call.mayFail && applies(call) && isAimedAt(shop, call))
    .map(call => ({
      kind,
      target: call,
      text: () => `${fate === 'not-done' ? 'fails' : 'is done and its answer is lost'}: ${call.text()}`,
      run: () => {
        shop.hit(`${kind} ${call.port}`)
        call.end(fate)
      },
    }))

const wipe = ({ caches, hit, noted }: Shop): Fault[] => [
  {
    kind: 'wipe-cache',
    text: () => 'Redis forgets everything',
    run: () => {
      hit('cache wiped')
      noted.clear()
      for (const service of reactingNames) caches[service].wipe()
    },
  },
]

const cut = (shop: Shop): Fault[] =>
  busy(shop).map(instance => ({
    kind: 'cut-connection',
    target: instance,
    text: () => `${instance.name} loses its connections to the broker`,
    run: () => {
      shop.hit('connection cut')
      shop.broker.drop(instance, { forGood: false })
    },
  }))

/** Time goes on although something else could happen: somebody was slow. */
const timePasses = ({ schedule, hit }: Shop): Fault[] => {
  const timer = schedule.nextTimer()
  if (!timer) return []
  return [
    {
      kind: 'time-passes',
      text: () => `time passes: ${timer.text()}`,
      run: () => {
        hit('time passed early')
        schedule.state.now = Math.max(schedule.state.now, timer.due)
        timer.run()
      },
    },
  ]
}

const sweepNow = (shop: Shop, kind: 'sweep-now' | 'sweep-stock', only?: string): Fault[] =>
  alive(shop).flatMap(instance =>
    [...instance.sweeps]
      .filter(([name]) => name === (only ?? name))
      .map(([name, task]) => ({
        kind,
        text: () => `half a minute later ${instance.name} sweeps: ${name}`,
        run: () => {
          shop.hit(`swept at once: ${name}`)
          shop.schedule.state.now += 30_000
          task().catch(() => {})
        },
      })),
  )

const events = (shop: Shop) =>
  targets(shop).flatMap(service => {
    const { broker } = shop
    const queue = broker.find(inboxOf(service))
    return [...queue.ready, ...broker.unacked(queue)].flatMap(({ message }) =>
      message.messageId.includes('+') ? [] : [{ service, id: message.messageId }],
    )
  })

const poison = (shop: Shop): Fault[] =>
  events(shop).map(({ service, id }) => ({
    kind: 'poison',
    text: () => `${service} cannot handle ${id} until it is fixed`,
    run: () => {
      shop.ill.poisoned.add(`${service}|${id}`)
      shop.ill.everIll.add(`${service}|${id}`)
    },
  }))

/** A bug that came with one instance only, as while a new version is rolled out. */
const poisonOne = (shop: Shop): Fault[] =>
  events(shop).flatMap(({ service, id }) =>
    alive(shop)
      .filter(one => one.service === service)
      .map(({ name }) => ({
        kind: 'poison-one' as const,
        text: () => `${name} alone cannot handle ${id} until it is fixed`,
        run: () => {
          shop.ill.poisoned.add(`${name}|${id}`)
          shop.ill.everIll.add(`${service}|${id}`)
        },
      })),
  )

const killer = (shop: Shop): Fault[] =>
  events(shop).map(({ service, id }) => ({
    kind: 'killer',
    text: () => `${id} takes ${service} down`,
    run: () => {
      shop.ill.killers.set(`${service}|${id}`, shop.scenario.killsEach)
      shop.ill.everIll.add(`${service}|${id}`)
    },
  }))

const deadline = (shop: Shop): Fault[] => [
  {
    kind: 'deadline',
    text: () => 'the deadline of every order passes',
    run: () => {
      shop.schedule.state.now = Math.max(shop.schedule.state.now, epoch + deadlineMs + 1)
      for (const order of shop.instances.filter(one => one.service === 'order' && one.alive))
        order.sweeps
          .get('due')?.()
          .catch(() => {})
    },
  },
]

const loseDisk = (shop: Shop): Fault[] => [
  {
    kind: 'lose-disk',
    text: () => 'the broker loses its disk',
    run: () => {
      shop.hit('disk lost')
      shop.ill.diskLost = true
      shop.broker.loseDisk()
    },
  },
]

/** Longer than any order waits for an attempt, and shorter than its deadline. */
const refusingMs = 120_000

/**
 * A store that is read and takes no writes, as one without a primary, without space or without the right to.
 * Not the one of the API: a customer who is refused asks again at once, and no time would pass.
 */
const refuseWrites = (shop: Shop): Fault[] =>
  targets(shop)
    .filter(service => service !== 'order')
    .map(service => ({
      kind: 'refuse-writes',
      text: () => `the store of ${service} takes no writes for two minutes`,
      run: () => {
        shop.ill.refusing.set(service, shop.schedule.state.now + refusingMs)
      },
    }))

const byKind: Readonly<Record<FaultKind, (shop: Shop) => Fault[]>> = {
  crash,
  duplicate,
  'lose-reply': shop => failing(shop, 'lose-reply', 'done-but-lost', () => true),
  'fail-call': shop => failing(shop, 'fail-call', 'not-done', call => call.stage === 'before'),
  'wipe-cache': wipe,
  'cut-connection': cut,
  'time-passes': timePasses,
  'sweep-now': shop => sweepNow(shop, 'sweep-now'),
  'sweep-stock': shop => sweepNow(shop, 'sweep-stock', 'stock'),
  poison,
  'poison-one': poisonOne,
  killer,
  deadline,
  'lose-disk': loseDisk,
  'refuse-writes': refuseWrites,
}
