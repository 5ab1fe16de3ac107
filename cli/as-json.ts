import { shop } from '../services/contract/shop.ts'
import type { Letter } from '../shared/operations/letter.ts'
import type { LetterGroup } from '../shared/operations/letter-filter.ts'
import type { Replayed } from '../shared/operations/replay.ts'

// What a saga is about is an order here, and has that name in what programs read.

type WithSubject = { readonly subject?: string }

/** The same with the id of its order, if it has one, under the shop's name for it. */
export const byOrder = <T extends WithSubject>({ subject, ...rest }: T) => ({
  ...(subject !== undefined && { [shop.subject.field]: subject }),
  ...rest,
})

/** A dead letter for `--json`. */
export const letterJson = (letter: Letter) => ({ ...byOrder(letter), events: letter.events.map(byOrder) })

/** A group of dead letters for `--json`. */
export const groupJson = ({ subjects, ...group }: LetterGroup) => ({
  ...group,
  [shop.subject.plural]: subjects,
})

/** What became of a dead letter for `--json`. */
export const replayedJson = (replayed: Replayed) => ({
  ...replayed,
  letter: letterJson(replayed.letter),
  ...('forecasts' in replayed && { forecasts: replayed.forecasts.map(byOrder) }),
})
