import { applyDefinitions } from '../../messaging/topology/apply.ts'
import type { Definitions } from '../../messaging/topology/definitions.ts'
import type { ManagementCall } from '../../messaging/topology/management.ts'
import { leastPriority, priorityOf } from '../../messaging/topology/policies.ts'
import { type Clock, sleep } from '../../runtime/time/clock.ts'
import { notInForce, type SettingDifference } from './in-force.ts'
import { type LiveTopology, readTopology } from './live-topology.ts'
import { planTopology, sections, type TopologyItem, type TopologyPlan } from './plan.ts'

/** What to look at: a vhost, and what is declared for it, rendered without passwords. */
export type DeclaredTopology = { readonly vhost: string; readonly definitions: Definitions }

/** How a vhost differs from what is declared for it, and what of that holds for nothing. */
export type VhostPlan = TopologyPlan & {
  /** Policies of ours above which those of others stand, with the priority that lets them hold. */
  readonly overruled: readonly TopologyItem[]
  readonly notInForce: readonly SettingDifference[]
}

/** How the broker differs from what is declared. @throws SagaError `broker-unavailable`, `broker-refused` */
export const compareTopology = async (api: ManagementCall, declared: DeclaredTopology): Promise<VhostPlan> =>
  planForVhost(declared.definitions, await readTopology({ api }, declared.vhost))

/**
 * How a vhost differs from what is declared for it. Users belong to the whole broker, so those that are not
 * ours are nobody's business here; nor is what its administrators may do in the vhost: who made it has that
 * by itself, and each could give it to itself. Pure.
 */
export const planForVhost = (declared: Definitions, live: LiveTopology): VhostPlan => {
  const { definitions } = live
  const administrators = new Set(definitions.users?.filter(isAdministrator).map(({ name }) => name))
  const isStranger = ({ kind, name }: TopologyPlan['extra'][number]) =>
    kind === 'user' || (kind === 'permission' && administrators.has(name))
  const plan = planTopology(asRaised(declared, definitions), definitions)
  return {
    ...{ ...plan, extra: plan.extra.filter(one => !isStranger(one)) },
    ...{ overruled: overruledIn(declared, live), notInForce: notInForce(declared, live) },
  }
}

const policyIn = ({ policies = [] }: Definitions, { name }: Definitions[string][number]) =>
  policies.find(one => one.name === name)

/** A policy of ours may have any priority that is high enough. */
const asRaised = (declared: Definitions, live: Definitions): Definitions => ({
  ...declared,
  policies: (declared.policies ?? []).map(policy => {
    const there = policyIn(live, policy)
    return there && priorityOf(there) > priorityOf(policy) ? { ...policy, priority: there.priority } : policy
  }),
})

/** What else somebody has changed of a policy of ours stays as it is. */
const overruledIn = (declared: Definitions, { definitions, queues }: LiveTopology): TopologyItem[] =>
  (declared.policies ?? []).flatMap(policy => {
    const there = policyIn(definitions, policy)
    const [name, least] = [`${policy.name}`, leastPriority(policy, definitions.policies ?? [])]
    if (!there || priorityOf(there) >= least) return []
    // One that does not suit the type of a queue does not hold for it, at any priority.
    const holds = queues.find(queue => queue.name === name)?.policy === name
    const byChance = priorityOf(there) === least - 1
    if (holds && !byChance) return []
    return [{ kind: 'policy' as const, name, definition: { ...there, priority: least } }]
  })

const isAdministrator = ({ tags }: Definitions[string][number]): boolean =>
  [tags].flat().includes('administrator')

/**
 * How long RabbitMQ may take until all of it knows that a queue was deleted (ms; it takes a few). A queue
 * that is declared anew before that gets its old consumers, and RabbitMQ 3.10 then drops what it gives them:
 * two of three such queues were dead until their consumers reconnected.
 */
const deletionMs = 1_000

/** What a repair did, and what it left to somebody who knows passwords. */
export type RepairResult = {
  readonly repaired: readonly TopologyItem[]
  readonly raised: readonly TopologyItem[]
  readonly left: readonly TopologyItem[]
}

/**
 * Declares what the plan says is missing, and raises the priority of policies that are overruled; nothing
 * else is changed, and nothing removed. A user cannot be made without its password, so missing users and
 * their rights are left over.
 
 * @throws SagaError `broker-unavailable`, `broker-refused`
 */
export const applyTopology = async (
  api: ManagementCall,
  { missing, overruled }: VhostPlan,
  clock: Clock,
): Promise<RepairResult> => {
  const { repaired, left } = divide(missing)
  if (repaired.some(({ kind }) => kind === 'queue')) await sleep(clock, deletionMs)
  const changes = [...repaired, ...overruled]
  if (changes.length > 0) await applyDefinitions(api, asDefinitions(changes))
  return { repaired, raised: overruled, left }
}

const divide = (missing: readonly TopologyItem[]) => {
  const nobody = new Set(missing.filter(({ kind }) => kind === 'user').map(({ name }) => name))
  const needsUser = ({ kind, name, definition }: TopologyItem) =>
    nobody.has(kind === 'user' ? name : String(definition.user))
  return {
    repaired: missing.filter(thing => !needsUser(thing)),
    left: missing.filter(needsUser),
  }
}

const asDefinitions = (things: readonly TopologyItem[]): Definitions =>
  Object.fromEntries(
    Object.entries(sections)
      .map(
        ([section, { kind }]) =>
          [section, things.filter(one => one.kind === kind).map(({ definition }) => definition)] as const,
      )
      .filter(([, definitions]) => definitions.length > 0),
  )
