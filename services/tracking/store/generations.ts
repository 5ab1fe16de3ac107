import { SagaError } from '../../../shared/runtime/errors.ts'
import { type Periodic, periodically } from '../../../shared/runtime/time/periodic.ts'
import type { TrackedOrder } from '../domain.ts'
import {
  type Follower,
  type FollowerOptions,
  modelName,
  positionName,
  startFollower,
} from '../follow/follower.ts'
import { carryOver } from './apply.ts'
import { begun, dropped, type GenerationPlan, switched } from './generation-plan.ts'
import type { ReadModel, Register } from './read-model.ts'

/** The generations of the read model: the one that answers, and the one that a rebuild makes beside it. */
export type Generations = {
  /** The one that answers. @throws SagaError `store-unavailable` while there is none yet */
  serving(): { readonly model: ReadModel<TrackedOrder>; readonly follower: Follower }
  /** Up to when the one that answers is complete (ms), if it ever was. */
  asOf(): number | undefined
  /** True when some generation answers and reads the journal. */
  ready(): boolean
  /** Where each generation is. */
  progress(): readonly { generation: number; serving: boolean; offset: number | null; atEnd: boolean }[]
  /**
   * Begins to build a new generation from the start of the journal, unless one is being built. Resolves with
   * its number.
   */
  rebuild(): Promise<number>
  stop(): Promise<void>
}

/**
 * How often this instance looks at the plan: it waits for something while a generation is built, and for
 * somebody else's wish else.
 */
const tendMs = { building: 500, resting: 2_000 }
/**
 * A generation is removed so long after it was left (ms): by then every instance has seen the plan and
 * answers from the new one.
 */
const leaveMs = 2 * tendMs.resting
const planName = 'generations'

type State = {
  readonly following: FollowerOptions
  readonly register: Register
  readonly followers: Map<number, Follower>
  /** Since when each generation is known to be left (ms). */
  readonly left: Map<number, number>
  serving: number | undefined
  building: boolean
}

/**
 * Takes up what the register says, and tends it until it is stopped. Several instances may do so side by
 * side.
 */
export const openGenerations = (following: FollowerOptions): Generations => {
  const { register } = following.models
  const state: State = {
    ...{ following, register, followers: new Map(), left: new Map(), serving: undefined, building: false },
  }
  const pauseMs = () => (state.building ? tendMs.building : tendMs.resting)
  const tending = periodically(following, 'generations', pauseMs, () => tend(state))
  return {
    serving: () => servingOf(state),
    asOf: () => state.followers.get(state.serving ?? -1)?.asOf(),
    ready: () => state.followers.get(state.serving ?? -1)?.reading === true,
    progress: () => progressOf(state),
    rebuild: () => rebuild(state).finally(tending.soon),
    stop: () => stopAll(state, tending),
  }
}

const servingOf = ({ serving, followers, following }: State) => {
  const follower = followers.get(serving ?? -1)
  if (!follower) throw new SagaError('store-unavailable', 'the read model is not open yet')
  return { model: following.models.model(modelName(follower.generation)), follower }
}

const progressOf = ({ followers, serving }: State) =>
  [...followers.values()].map(({ generation, offset, atEnd }) => ({
    ...{ generation, serving: generation === serving, offset: offset ?? null, atEnd },
  }))

const stopAll = async ({ followers }: State, tending: Periodic): Promise<void> => {
  await tending.stop()
  await Promise.all([...followers.values()].map(follower => follower.stop()))
}

const readPlan = async (register: Register): Promise<{ version: number; plan: GenerationPlan }> => {
  const found = await register.read(planName)
  if (found) return { version: found.version, plan: found.value as GenerationPlan }
  const plan: GenerationPlan = { serving: 1, dropping: [] }
  const outcome = await register.write(planName, 0, plan)
  return outcome === 'written' ? { version: 1, plan } : readPlan(register)
}

/** Changes the plan, whoever else changes it at the same time. */
const replan = async (
  register: Register,
  change: (plan: GenerationPlan) => GenerationPlan,
): Promise<GenerationPlan> => {
  for (;;) {
    const { version, plan } = await readPlan(register)
    const next = change(plan)
    if (next === plan || (await register.write(planName, version, next)) === 'written') return next
  }
}

const rebuild = async ({ register, following }: State): Promise<number> => {
  const plan = await replan(register, begun)
  following.log.info('the read model is built anew', { generation: plan.building })
  return plan.building ?? plan.serving
}

/** Brings this instance to what the plan says, and the plan forward when a new generation is complete. */
const tend = async (state: State): Promise<void> => {
  const { plan } = await readPlan(state.register)
  const wanted = plan.building === undefined ? [plan.serving] : [plan.serving, plan.building]
  await startMissing(state, wanted)
  state.building = plan.building !== undefined
  // Before the old one stops, which takes a while: there is always one that answers.
  state.serving = plan.serving
  await stopOthers(state, wanted)
  for (const follower of state.followers.values()) follower.asOf()
  if (plan.building !== undefined && isComplete(state, plan.building)) await switchTo(state, plan)
  await dropOld(state, plan)
}

const startMissing = async ({ followers, following }: State, wanted: readonly number[]): Promise<void> => {
  for (const generation of wanted)
    if (!followers.has(generation)) followers.set(generation, await startFollower(following, generation))
}

const stopOthers = async ({ followers }: State, wanted: readonly number[]): Promise<void> => {
  for (const [generation, follower] of followers)
    if (!wanted.includes(generation)) {
      followers.delete(generation)
      await follower.stop()
    }
}

/** The end of the journal is reached, or at least as much of it as the generation that answers has. */
const isComplete = ({ followers, serving }: State, building: number): boolean => {
  const [built, old] = [followers.get(building), followers.get(serving ?? -1)]
  if (!built?.reading) return false
  return (
    built.atEnd || (old?.offset !== undefined && built.offset !== undefined && built.offset >= old.offset)
  )
}

const switchTo = async (
  { register, following }: State,
  { serving, building = serving }: GenerationPlan,
): Promise<void> => {
  const { models, log } = following
  const [from, to] = [serving, building].map(generation => models.model(modelName(generation)))
  const carried = from && to ? await carryOver(from, to, log) : 0
  await replan(register, plan => switched(plan, building))
  log.info('the new read model answers', { generation: building, count: carried })
}

const dropOld = async (state: State, { dropping }: GenerationPlan): Promise<void> => {
  const { register, following, left } = state
  const now = following.clock.monotonic()
  for (const generation of dropping) {
    const since = left.get(generation) ?? now
    left.set(generation, since)
    if (now - since < leaveMs) continue
    await following.models.drop(modelName(generation))
    await register.put(positionName(generation), null)
    await replan(register, plan => dropped(plan, generation))
    left.delete(generation)
  }
}
