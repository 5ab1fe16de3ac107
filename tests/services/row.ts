import type { EventType } from '../../services/contract/shop.ts'

/**
 * What a service does when it hears the events of a row one after the other; `no` answers its calls with a
 * refusal.
 */
export type Row = readonly [heard: readonly (EventType | `${EventType} no`)[], did: readonly string[]]
