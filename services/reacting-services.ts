import type { Service } from '../shared/saga/define/service.ts'
import { loadEach } from './load-each.ts'
import { reactingNames } from './registry.ts'

const reactions = await loadEach<string, { rules: Service }>(reactingNames, 'reactions')

/**
 * Every service that reacts, by its rules alone: for tools that explain and forecast. Their calls reach
 * nobody.
 */
export const reactingServices: readonly Service[] = reactions.map(([, { rules }]) => rules)
