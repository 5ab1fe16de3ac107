import { applyDefinitions } from '../../messaging/topology/apply.ts'
import type { Definitions } from '../../messaging/topology/definitions.ts'
import type { ManagementCall } from '../../messaging/topology/management.ts'
import { type Clock, sleep } from '../../runtime/time/clock.ts'
import { readTopology } from './live-topology.ts'
import { planTopology, sections, type TopologyItem, type TopologyPlan } from './plan.ts'

/** What to look at: a vhost, and what is declared for it, rendered without passwords. */
export type DeclaredTopology = { readonly vhost: string; readonly definitions: Definitions }

/** How the broker differs from what is declared. @throws SagaError `broker-unavailable`, `broker-refused` */
export const compareTopology = async (
  api: ManagementCall,
  declared: DeclaredTopology,
): Promise<TopologyPlan> => {
  const { definitions } = await readTopology({ api }, declared.vhost)
  return planForVhost(declared.definitions, definitions)
}

/**
 * How a vhost differs from what is declared for it. Users belong to the whole broker, so those that are not
 * ours are nobody's business here; nor is what its administrators may do in the vhost: who made it has that
 * by itself, and each could give it to itself. Pure.
 */
export const planForVhost = (declared: Definitions, live: Definitions): TopologyPlan => {
  const administrators = new Set(live.users?.filter(isAdministrator).map(({ name }) => name))
  const isStranger = ({ kind, name }: TopologyPlan['extra'][number]) =>
    kind === 'user' || (kind === 'permission' && administrators.has(name))
  const plan = planTopology(declared, live)
  return { ...plan, extra: plan.extra.filter(one => !isStranger(one)) }
}

const isAdministrator = ({ tags }: Definitions[string][number]): boolean =>
  [tags].flat().includes('administrator')

/**
 * How long RabbitMQ may take to tell everybody that a queue was deleted (ms; it takes a few). A queue that is
 * declared anew before that gets its old consumers, and RabbitMQ 3.10 then drops what it gives them: two of
 * three such queues were dead until their consumers reconnected.
 */
const deletionMs = 1_000

/**
 * Declares what the plan says is missing; nothing is changed or removed. A user cannot be made without its
 * password, so missing users and their rights are left over. Resolves with what was declared and what was
 * left.
 * @throws SagaError `broker-unavailable`, `broker-refused`
 */
export const applyTopology = async (
  api: ManagementCall,
  { missing }: TopologyPlan,
  clock: Clock,
): Promise<{ repaired: readonly TopologyItem[]; left: readonly TopologyItem[] }> => {
  const { repaired, left } = divide(missing)
  if (repaired.some(({ kind }) => kind === 'queue')) await sleep(clock, deletionMs)
  if (repaired.length > 0) await applyDefinitions(api, asDefinitions(repaired))
  return { repaired, left }
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
