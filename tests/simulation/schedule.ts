import type { Clock } from '../../shared/runtime/clock.ts'

/** Whose work it is: an instance of a service, or somebody outside. What a dead one began never goes on. */
export type Owner = { readonly name: string; alive: boolean }

/** One thing that can happen next. Steps of one key happen in one place, for strategies that favour places. */
export type Step = { readonly owner: Owner; readonly key: string; run(): void; text(): string }

/** How a parked call goes on: as it should, or with an error although it was done, or because it was not. */
export type Fate = 'ok' | 'done-but-lost' | 'not-done'

export type ParkedCall = Step & {
  readonly port: string
  readonly stage: 'before' | 'after'
  /** False when the port promises that it never fails. */
  readonly mayFail: boolean
  end(fate: Fate): void
}

export type Call = {
  readonly port: string
  readonly key: string
  readonly text: () => string
  /** The error of a call whose outcome is unknown; without it the port never fails. */
  readonly unknown?: () => Error
}

export type Timer = Step & { readonly due: number }

// A new one each time: a shared one would keep everybody that ever waited for it.
const never = () => new Promise<never>(() => {})

const failIf = (how: Fate, fate: Fate, { unknown }: Call): void => {
  if (fate === how && unknown) throw unknown()
}

/**
 * Everything that waits for its turn. Nothing happens by itself: calls to ports park before (and, when `fine`, after) their effect,
 * timers stand still, and one step at a time is chosen from outside.
 */
export const openSchedule = ({ fine, start }: { fine: boolean; start: number }) => {
  const state = { now: start, parked: [] as ParkedCall[], timers: [] as Timer[], turns: 0 }
  let deferred: { owner: Owner; task: () => void }[] = []
  let trace: string[] | undefined

  const park = (owner: Owner, call: Call, stage: 'before' | 'after'): Promise<Fate> => {
    if (!owner.alive) return never()
    return new Promise(resolve => {
      const entry: ParkedCall = {
        ...{ owner, stage, port: call.port, key: call.key, mayFail: call.unknown !== undefined },
        run: () => entry.end('ok'),
        end: fate => {
          state.parked.splice(state.parked.indexOf(entry), 1)
          resolve(fate)
        },
        text: () => `${owner.name}: ${stage === 'after' ? 'hears of: ' : ''}${call.text()}`,
      }
      state.parked.push(entry)
    })
  }

  /** One call to a port: it waits, has its effect at once, and (when fine) waits again before its caller hears of it. */
  const call = async <T>(owner: Owner, about: Call, effect: () => T | Promise<T>): Promise<T> => {
    const fate = await park(owner, about, 'before')
    failIf('not-done', fate, about)
    const result = await effect()
    if (!owner.alive) return never()
    failIf('done-but-lost', fate, about)
    if (fine) failIf('done-but-lost', await park(owner, about, 'after'), about)
    return result
  }

  const addTimer = (owner: Owner, ms: number, task: () => void, what = 'a timer fires'): (() => void) => {
    const remove = () => {
      const place = state.timers.indexOf(timer)
      if (place >= 0) state.timers.splice(place, 1)
    }
    const timer: Timer = {
      ...{ owner, key: owner.name, due: state.now + ms },
      run: () => {
        remove()
        task()
      },
      text: () => `${owner.name}: ${what}`,
    }
    state.timers.push(timer)
    return remove
  }

  const clockOf = (owner: Owner): Clock => ({
    now: () => state.now,
    after: (ms, task) => (owner.alive ? addTimer(owner, ms, task) : () => {}),
  })

  const nextTimer = (): Timer | undefined =>
    state.timers.reduce<Timer | undefined>(
      (first, timer) => (!first || timer.due < first.due ? timer : first),
      undefined,
    )

  /** Runs what was left for a later turn; false when there was nothing. */
  const runDeferred = (): boolean => {
    if (deferred.length === 0) return false
    const tasks = deferred
    deferred = []
    for (const { owner, task } of tasks) if (owner.alive) task()
    return true
  }

  /** Ends an owner as a SIGKILL would: nothing of it goes on, not even a finally. */
  const kill = (owner: Owner): void => {
    owner.alive = false
    state.parked = state.parked.filter(one => one.owner !== owner)
    state.timers = state.timers.filter(one => one.owner !== owner)
  }

  return {
    ...{ state, call, addTimer, clockOf, nextTimer, runDeferred, kill },
    defer: (owner: Owner) => (task: () => void) => void deferred.push({ owner, task }),
    record: () => {
      trace = []
    },
    say: (text: () => string) => void trace?.push(`${String(state.now - start).padStart(8)} ms  ${text()}`),
    trace: (): readonly string[] => trace ?? [],
  }
}

export type Schedule = ReturnType<typeof openSchedule>

/**
 * Calls `next` again and again until it answers false, each time when all promises have settled. Without a turn of the event loop:
 * a tick that a microtask asks for runs once no microtask is left.
 */
export const drive = (next: () => boolean): Promise<void> =>
  new Promise((resolve, reject) => {
    const go = () => {
      try {
        if (!next()) return resolve()
      } catch (error) {
        return reject(error)
      }
      queueMicrotask(tick)
    }
    const tick = () => process.nextTick(go)
    queueMicrotask(tick)
  })
