import { shop } from '../services/contract/shop.ts'
import type { DeadLetter } from '../shared/operations/dead-letters/dead-letter.ts'
import type { DeadLetterGroup } from '../shared/operations/dead-letters/filter.ts'
import type { ReplayResult } from '../shared/operations/dead-letters/replay.ts'

// What a saga is about is an order here, and has that name in what programs read.

type WithSubject = { readonly subject?: string }

/** The same with the id of its order, if it has one, under the shop's name for it. */
export const byOrder = <T extends WithSubject>({ subject, ...rest }: T) => ({
  ...(subject !== undefined && { [shop.subject.field]: subject }),
  ...rest,
})

/** A dead letter for `--json`. */
export const deadLetterJson = (deadLetter: DeadLetter) => ({
  ...byOrder(deadLetter),
  events: deadLetter.events.map(byOrder),
})

/** A group of dead letters for `--json`. */
export const groupJson = ({ subjects, ...group }: DeadLetterGroup) => ({
  ...group,
  [shop.subject.plural]: subjects,
})

/** What became of a dead letter for `--json`. */
export const replayedJson = (replayed: ReplayResult) => ({
  ...replayed,
  deadLetter: deadLetterJson(replayed.deadLetter),
  ...('forecasts' in replayed && { forecasts: replayed.forecasts.map(byOrder) }),
})
