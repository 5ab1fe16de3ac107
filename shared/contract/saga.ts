import { cloudEventOf, cloudNoticeOf } from './cloud-event.ts'
import type { AnyDefinition } from './event.ts'
import { type Names, namesOf } from './names.ts'
import type { Subject } from './subject.ts'
import type { Upcasts } from './upcast.ts'

/**
 * A saga as its kernel knows it: what it is about, what its services say to each other, and what it is called
 * on the servers.
 */
export type Saga = {
  readonly name: string
  readonly subject: Subject
  /** Every event that may travel, once. Notes are not among them: they never leave their service. */
  readonly events: readonly AnyDefinition[]
  /** What lifts data of older versions of its events. */
  readonly upcasts: Upcasts
  readonly names: Names
  /** The newest definition of a type, if the saga has it. */
  readonly definitionOf: (type: string) => AnyDefinition | undefined
  /** What an event and a notice have as they travel. */
  readonly wire: {
    readonly event: ReturnType<typeof cloudEventOf>
    readonly notice: ReturnType<typeof cloudNoticeOf>
  }
}

/**
 * Defines a saga. On the servers it has what bears its name: its vhost, its databases and the `source` of its
 * events; exchanges begin with `saga`. @throws RangeError when two events have the same type, or a name is
 * none
 */
export const defineSaga = ({ name, subject, events, upcasts = {}, names = {} }: SagaGiven): Saga => {
  const byType: ReadonlyMap<string, AnyDefinition> = new Map(events.map(event => [event.type, event]))
  if (byType.size < events.length) throw new RangeError(`${name}: two events have the same type`)
  for (const word of [name, ...events.map(({ owner }) => owner)])
    if (!/^[a-z]{1,20}$/.test(word))
      throw new RangeError(`${JSON.stringify(word)} names no saga and no service`)
  return {
    ...{ name, subject, events, upcasts },
    names: namesOf({ vhost: name, exchanges: 'saga', databases: name, collection: subject.plural, ...names }),
    definitionOf: type => byType.get(type),
    wire: { event: cloudEventOf(subject), notice: cloudNoticeOf(subject) },
  }
}

type SagaGiven = {
  /** Small letters only. */
  readonly name: string
  readonly subject: Subject
  readonly events: readonly AnyDefinition[]
  readonly upcasts?: Upcasts
  /** What is not to be called as the saga is. */
  readonly names?: Partial<Parameters<typeof namesOf>[0]>
}
