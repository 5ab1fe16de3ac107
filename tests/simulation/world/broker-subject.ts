import { shopTopology } from '../../../rabbitmq/participants.ts'
import { type Subject, shortWaitMs } from '../../messaging/subjects.ts'
import { simulatedBroker } from './broker.ts'
import { type Owner, openSchedule, type Schedule, type Step } from './schedule.ts'

/**
 * The simulated broker for the contract suite: every step is taken as soon as it is possible, the oldest
 * first, in real time.
 */
export const simulatedSubject = async (): Promise<Subject> => {
  const schedule = openSchedule({ fine: false, start: Date.now() })
  const broker = simulatedBroker(schedule, shopTopology([shortWaitMs]), () => {})
  const owners = new Map<string, Owner>()
  const ownerOf = (name: string): Owner => {
    const owner = owners.get(name) ?? { name, alive: true }
    owners.set(name, owner)
    return owner
  }
  const stop = goOn(schedule, broker.deliveries)
  return {
    as: user => broker.for(ownerOf(user)),
    ready: async queue => broker.find(queue).ready.length,
    peek: async queue =>
      broker.find(queue).ready.map(({ message: { messageId, key, body, headers } }) => ({
        messageId,
        key,
        body: body.toString(),
        headers: { ...headers },
      })),
    cut: async user => broker.drop(ownerOf(user), { forGood: false }),
    stop: async () => stop(),
  }
}

/** One step in each turn of the event loop, until it is stopped. */
const goOn = (schedule: Schedule, deliveries: (into: Step[]) => void): (() => void) => {
  const turn = { next: undefined as NodeJS.Immediate | undefined }
  const go = () => {
    schedule.state.now = Date.now()
    const timer = schedule.nextTimer()
    const steps: Step[] = timer && timer.due <= schedule.state.now ? [timer] : schedule.state.parked.slice()
    deliveries(steps)
    steps[0]?.run()
    turn.next = setImmediate(go)
  }
  turn.next = setImmediate(go)
  return () => clearImmediate(turn.next)
}
