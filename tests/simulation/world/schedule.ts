import type { Clock } from '../../../shared/runtime/time/clock.ts'

/** Whose work it is: an instance of a service, or somebody outside. What a dead one began never goes on. */
export type Owner = { readonly name: string; alive: boolean }

/**
 * One thing that can happen next. Steps of one key happen in one place, for strategies that favour places.
 */
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

type Waiting = { readonly parked: ParkedCall[]; readonly fine: boolean }
type Caller<T> = { readonly resolve: (result: T) => void; readonly reject: (error: unknown) => void }

/**
 * A call on its way: it waits, has its effect at once, and (when fine) waits again. A class, for schedules
 * make millions of them.
 */
class CallUnderWay<T> implements ParkedCall {
  readonly owner: Owner
  readonly about: Call
  readonly waiting: Waiting
  readonly effect: () => T | Promise<T>
  readonly caller: Caller<T>
  stage: 'before' | 'after' = 'before'
  result: T | undefined

  constructor(waiting: Waiting, owner: Owner, about: Call, effect: () => T | Promise<T>, caller: Caller<T>) {
    this.waiting = waiting
    this.owner = owner
    this.about = about
    this.effect = effect
    this.caller = caller
  }

  get port() {
    return this.about.port
  }

  get key() {
    return this.about.key
  }

  get mayFail() {
    return this.about.unknown !== undefined
  }

  text() {
    return `${this.owner.name}: ${this.stage === 'after' ? 'hears of: ' : ''}${this.about.text()}`
  }

  /** What a dead owner asks for, and what it would have heard, never comes. */
  park() {
    if (this.owner.alive) this.waiting.parked.push(this)
  }

  run() {
    this.end('ok')
  }

  end(fate: Fate) {
    const { parked } = this.waiting
    parked.splice(parked.indexOf(this), 1)
    const { unknown } = this.about
    if (this.stage === 'after') this.tell(fate, this.result as T)
    else if (fate === 'not-done' && unknown) this.caller.reject(unknown())
    else this.act(fate)
  }

  private act(fate: Fate) {
    try {
      const done = this.effect()
      if (!(done instanceof Promise)) return this.done(fate, done)
      done.then(
        result => this.done(fate, result),
        error => this.fail(error),
      )
    } catch (error) {
      this.fail(error)
    }
  }

  private done(fate: Fate, result: T) {
    if (!this.waiting.fine || fate === 'done-but-lost') return this.tell(fate, result)
    this.stage = 'after'
    this.result = result
    this.park()
  }

  private tell(fate: Fate, result: T) {
    const { unknown } = this.about
    if (fate === 'done-but-lost' && unknown) this.fail(unknown())
    else if (this.owner.alive) this.caller.resolve(result)
  }

  private fail(error: unknown) {
    if (this.owner.alive) this.caller.reject(error)
  }
}

/** A task that time brings. */
class Alarm implements Timer {
  readonly timers: Timer[]
  readonly owner: Owner
  readonly due: number
  readonly task: () => void
  readonly what: string

  constructor(timers: Timer[], owner: Owner, due: number, task: () => void, what: string) {
    this.timers = timers
    this.owner = owner
    this.due = due
    this.task = task
    this.what = what
  }

  get key() {
    return this.owner.name
  }

  text() {
    return `${this.owner.name}: ${this.what}`
  }

  cancel() {
    const place = this.timers.indexOf(this)
    if (place >= 0) this.timers.splice(place, 1)
  }

  run() {
    this.cancel()
    this.task()
  }
}

/**
 * Everything that waits for its turn. Nothing happens by itself: calls to ports park before (and, when
 * `fine`, after) their effect, timers stand still, and one step at a time is chosen from outside.
 */
export const openSchedule = ({ fine, start }: { fine: boolean; start: number }) => {
  const state = { now: start, parked: [] as ParkedCall[], timers: [] as Timer[], turns: 0 }
  const waiting: Waiting = { parked: state.parked, fine }
  let deferred: { owner: Owner; task: () => void }[] = []
  let trace: string[] | undefined

  /** One call to a port. */
  const call = <T>(owner: Owner, about: Call, effect: () => T | Promise<T>): Promise<T> =>
    new Promise((resolve, reject) =>
      new CallUnderWay(waiting, owner, about, effect, { resolve, reject }).park(),
    )

  const addTimer = (owner: Owner, ms: number, task: () => void, what = 'a timer fires'): (() => void) => {
    const timer = new Alarm(state.timers, owner, state.now + ms, task, what)
    state.timers.push(timer)
    return () => timer.cancel()
  }

  const deferFor = (owner: Owner) => (task: () => void) => void deferred.push({ owner, task })

  const clockOf = (owner: Owner): Clock => ({
    now: () => state.now,
    monotonic: () => state.now,
    after: (ms, task) => (owner.alive ? addTimer(owner, ms, task) : () => {}),
    defer: deferFor(owner),
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
    remove(state.parked, owner)
    remove(state.timers, owner)
  }

  return {
    state,
    call,
    addTimer,
    clockOf,
    nextTimer,
    runDeferred,
    kill,
    defer: deferFor,
    record: () => {
      trace = []
    },
    say: (text: () => string) => void trace?.push(`${String(state.now - start).padStart(8)} ms  ${text()}`),
    trace: (): readonly string[] => trace ?? [],
  }
}

const remove = (from: { readonly owner: Owner }[], owner: Owner): void => {
  for (let place = from.length - 1; place >= 0; place--)
    if (from[place]?.owner === owner) from.splice(place, 1)
}

export type Schedule = ReturnType<typeof openSchedule>

/**
 * Calls `next` again and again until it answers false, each time when all promises have settled. Without a
 * turn of the event loop: a tick that a microtask asks for runs once no microtask is left.
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
