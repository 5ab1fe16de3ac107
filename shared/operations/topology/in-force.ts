import { isDeepStrictEqual } from 'node:util'
import type { Definitions } from '../../messaging/topology/definitions.ts'
import { mayHoldFor, priorityOf } from '../../messaging/topology/policies.ts'
import { formatList } from '../../runtime/text/format.ts'
import { effectOf, type SettingResult } from './effect.ts'
import type { LiveTopology } from './live-topology.ts'

type Row = Definitions[string][number]
type Settings = Readonly<Record<string, unknown>>

/** Where a setting of a queue comes from. */
export type SettingSource = {
  readonly kind: 'policy' | 'operator policy' | 'arguments' | 'no policy'
  readonly name: string
}

/** A setting of a queue that is in force and another than promised, and what follows from it. */
export type SettingDifference = SettingResult & {
  readonly queue: string
  readonly setting: string
  /** Undefined when none is promised, or none is in force. */
  readonly promised: unknown
  readonly live: unknown
  readonly source: SettingSource
}

/**
 * The settings in force that are other than promised, of each declared queue that is there. Of the policies
 * that match a queue only one holds, and an operator policy comes on top; so what is declared can be there
 * and hold for nothing. Pure.
 */
export const notInForce = (declared: Definitions, live: LiveTopology): readonly SettingDifference[] =>
  (declared.queues ?? []).flatMap(queue => {
    const there = live.definitions.queues?.find(({ name }) => name === queue.name)
    return there ? differencesOf(declared, live, there, queue) : []
  })

const differencesOf = (
  declared: Definitions,
  live: LiveTopology,
  there: Row,
  queue: Row,
): readonly SettingDifference[] => {
  const name = `${queue.name}`
  const ours = declared.policies?.find(policy => policy.name === name)
  const promised = { ...bareOf(queue), ...settingsOf(ours) }
  const { settings: inForce, sourceOf } = settingsInForce(live, there, name)
  return [...new Set([...Object.keys(promised), ...Object.keys(inForce)])]
    .filter(setting => !isDeepStrictEqual(promised[setting], inForce[setting]))
    .map(setting => ({
      ...{ queue: name, setting, promised: promised[setting], live: inForce[setting] },
      source: sourceOf(setting),
      ...effectOf(setting, promised, inForce),
    }))
}

/** What holds for a queue that is there, and where each of it comes from. Pure. */
export const settingsInForce = (
  { definitions, queues, operatorPolicies }: LiveTopology,
  there: Row,
  name: string,
): { settings: Settings; sourceOf: (setting: string) => SettingSource } => {
  const holding = queues.find(queue => queue.name === name)?.policy
  const policy = settingsOf(definitions.policies?.find(one => one.name === holding))
  const operator = operatorPolicies
    .filter(one => mayHoldFor(one, name))
    .toSorted((a, b) => priorityOf(b) - priorityOf(a))[0]
  const own = bareOf(there)
  const upper = combined(policy, settingsOf(operator))
  const settings = combined(upper, own)
  const sourceOf = (setting: string): SettingSource => {
    const value = settings[setting]
    if (setting in own && own[setting] === value) return { kind: 'arguments', name }
    if (operator && settingsOf(operator)[setting] === value && setting in settingsOf(operator))
      return { kind: 'operator policy', name: `${operator.name}` }
    return holding === undefined ? { kind: 'no policy', name: '' } : { kind: 'policy', name: holding }
  }
  return { settings, sourceOf }
}

const settingsOf = (policy: Row | undefined): Settings => (policy?.definition ?? {}) as Settings

/** What else the arguments of a queue set is its type, which is compared as an argument. */
const bareOf = ({ arguments: given }: Row): Settings =>
  Object.fromEntries(
    Object.entries((given ?? {}) as Settings)
      .filter(([name]) => name !== 'x-queue-type')
      .map(([name, value]) => [name.replace(/^x-/, ''), value]),
  )

/** As RabbitMQ does it: of two numbers the lower one holds, and of anything else that which is `over`. */
const combined = (under: Settings, over: Settings): Settings => {
  const lower = Object.entries(over).map(([name, value]) => {
    const other = under[name]
    const both = typeof value === 'number' && typeof other === 'number'
    return [name, both ? Math.min(value, other) : value] as const
  })
  return { ...under, ...Object.fromEntries(lower) }
}

/** All that one source does, and to which queues. */
export type SourceReading = {
  readonly source: SettingSource
  readonly queues: readonly string[]
  /** The promises that do not hold because of it, each with what it does. */
  readonly lost: readonly { readonly promise: string; readonly effects: readonly string[] }[]
  /** What else it does. */
  readonly effects: readonly string[]
}

/** The differences by where they come from, those that take a promise away first. Pure. */
export const bySource = (differences: readonly SettingDifference[]): readonly SourceReading[] => {
  const keys = [...new Set(differences.map(keyOf))]
  return keys
    .map(key => readingOf(differences.filter(one => keyOf(one) === key)))
    .toSorted((a, b) => Number(b.lost.length > 0) - Number(a.lost.length > 0))
}

// What an argument does, it does to one queue.
const keyOf = ({ source }: SettingDifference): string => `${source.kind} ${source.name}`

const readingOf = (differences: readonly SettingDifference[]): SourceReading => {
  const effectsOf = (wanted: string | undefined) => [
    ...new Set(differences.filter(({ promise }) => promise === wanted).map(({ effect }) => effect)),
  ]
  const promises = [...new Set(differences.flatMap(({ promise }) => promise ?? []))]
  return {
    source: differences[0]?.source ?? { kind: 'no policy', name: '' },
    queues: [...new Set(differences.map(({ queue }) => queue))],
    lost: promises.map(promise => ({ promise, effects: effectsOf(promise) })),
    effects: effectsOf(undefined),
  }
}

/** What somebody does to our queues, and what to do about it, in words. Pure. */
export const sourceText = ({ source: { kind, name }, queues, lost, effects }: SourceReading): string => {
  const where = formatList(queues)
  const says =
    lost.length > 0
      ? lost.map(({ promise, effects }) => `${effects.join(', ')}, so ${promise} does not hold`).join('; ')
      : effects.join(', ')
  if (kind === 'arguments')
    return `the arguments of ${where} are other than declared: ${says}; ${remedies[kind]}`
  const who = kind === 'no policy' ? kind : `${kind} ${name}`
  const isOurs = kind === 'policy' && queues.every(queue => queue === name)
  return `${who} is in force on ${where}: ${says}; ${isOurs ? byHand : remedies[kind]}`
}

const apply = 'npx --no -- choreo topology apply'
const byHand = `correct it by hand, or delete it and then: ${apply}`
const remedies: Readonly<Record<SettingSource['kind'], string>> = {
  policy: `${apply} raises ours above it`,
  'operator policy':
    'nothing declared here wins against it: whoever administers the broker has to except our queues',
  arguments:
    'they cannot be changed: stop the service, let the queue run empty, delete it, and let it be declared again',
  'no policy': `${apply} declares ours`,
}
