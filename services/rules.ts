import type { Service } from '../shared/saga/service.ts'
import { reactingNames } from './registry.ts'
import { roomsOf } from './rooms.ts'

const reactions = await roomsOf<string, { rules: Service }>(reactingNames, 'reactions')

/** Every service that reacts, by its rules alone: for tools that explain and foretell. Their calls reach nobody. */
export const rules: readonly Service[] = reactions.map(([, room]) => room.rules)
