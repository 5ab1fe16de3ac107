import type { Clock } from '../../shared/runtime/time/clock.ts'

/** A clock that stands still until a test moves it. */
export type ManualClock = Clock & {
  /**
   * Moves on by `ms`, running each timer at its time, also those started on the way, and letting promises
   * settle in between.
   */
  advance(ms: number): Promise<void>
  /**
   * Jumps from timer to timer until `condition` holds; an error says what it waited for when it does not
   * within `limitMs`.
   */
  runUntil(condition: () => boolean | Promise<boolean>, options: { limitMs: number }): Promise<void>
  /** Sets the wall clock by `ms`, back or forward; timers and what is measured do not notice. */
  set(ms: number): void
  /** Lets promises settle without moving the time; timers that are due already run. */
  settle(): Promise<void>
  /** How many timers wait. */
  waiting(): number
}

type Timer = { readonly due: number; readonly order: number; readonly task: () => void }

/** Timers of one instant that may run before the clock calls it a loop. */
const LOOP_LIMIT = 50_000

/**
 * Turns of the event loop between two timers; promises settle in the first, the others are for code that
 * waits for a turn itself.
 */
const TURNS = 3

const nextTurn = setImmediate

/**
 * A clock for tests at the instant `start` (epoch milliseconds). Only one `advance`, `runUntil` or `settle`
 * runs at a time.
 */
export const manualClock = (start = 0): ManualClock => {
  const timers = timerQueue()
  let now = start
  let shift = 0
  let moving = false

  const runNext = async (until: number): Promise<boolean> => {
    const timer = timers.takeDue(until)
    if (!timer) return false
    now = Math.max(now, timer.due)
    timer.task()
    await turns(TURNS)
    return true
  }

  const runAllUntil = async (until: number) => {
    const watch = standstillWatch()
    await turns(TURNS)
    while (await runNext(until)) watch(now)
    now = Math.max(now, until)
  }

  const search = async (condition: () => boolean | Promise<boolean>, limitMs: number) => {
    const watch = standstillWatch()
    const limit = now + limitMs
    await turns(TURNS)
    while (!(await condition())) {
      watch(now)
      if (await runNext(limit)) continue
      // Nothing is due: give work that needs more turns a last chance before giving up.
      await turns(50)
      if (await condition()) return
      if (!timers.isDue(limit)) throw new Error(gaveUp(limitMs, now, timers))
    }
  }

  const alone = async (work: () => Promise<void>) => {
    if (moving) throw new Error('the manual clock is being moved already: await the call before')
    moving = true
    await work().finally(() => {
      moving = false
    })
  }

  return {
    now: () => now + shift,
    monotonic: () => now,
    set: ms => {
      shift += ms
    },
    after: (ms, task) => {
      if (Number.isNaN(ms)) throw new TypeError('a timer needs a number of milliseconds')
      return timers.add(now + Math.max(0, ms), task)
    },
    defer: task => void nextTurn(task),
    advance: ms => alone(() => runAllUntil(now + ms)),
    runUntil: (condition, { limitMs }) => alone(() => search(condition, limitMs)),
    settle: () => alone(() => runAllUntil(now)),
    waiting: timers.size,
  }
}

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise<void>(resolve => nextTurn(resolve))
}

/** Sorted by due time, then by age, as the timers of Node are. */
const timerQueue = () => {
  const queue: Timer[] = []
  let started = 0
  const placeOf = ({ due, order }: Timer) => {
    let low = 0
    let high = queue.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = queue[middle]
      if (other && (other.due < due || (other.due === due && other.order < order))) low = middle + 1
      else high = middle
    }
    return low
  }
  const next = () => queue[0]
  const isDue = (until: number) => {
    const timer = next()
    return timer !== undefined && timer.due <= until
  }
  return {
    add: (due: number, task: () => void) => {
      const timer = { due, order: started++, task }
      queue.splice(placeOf(timer), 0, timer)
      return () => {
        const place = placeOf(timer)
        if (queue[place] === timer) queue.splice(place, 1)
      }
    },
    isDue,
    takeDue: (until: number) => (isDue(until) ? queue.shift() : undefined),
    next,
    size: () => queue.length,
  }
}

const standstillWatch = () => {
  let instant = Number.NaN
  let ran = 0
  return (now: number) => {
    ran = now === instant ? ran + 1 : 0
    instant = now
    if (ran > LOOP_LIMIT) throw new Error(`more than ${LOOP_LIMIT} timers ran at ${now}: time stands still`)
  }
}

const gaveUp = (limitMs: number, now: number, timers: { next(): Timer | undefined; size(): number }) => {
  const next = timers.next()
  const rest = next
    ? `${timers.size()} timers wait, the next one is due ${next.due - now} ms after the last that ran`
    : 'no timer is left, so nothing more can happen'
  return `the condition did not hold within ${limitMs} ms of virtual time; it is ${now} now, and ${rest}`
}
