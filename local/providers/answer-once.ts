import { SagaError } from '../../shared/runtime/errors.ts'
import type { Clock } from '../../shared/runtime/time/clock.ts'
import { type AnsweredCall, entryOf, type Ledger, type LedgerEntry } from './ledger.ts'

/** What identifies a call: a repeat must agree in all of it. */
export type KeyedCall = Omit<LedgerEntry, 'at'>

export type Verdict<Answer> = { answer: Answer; effect: boolean }

/** The answer, and whether this very call brought it about or heard what an earlier one did. */
export type KnownCall<Answer> = { answer: Answer; first: boolean }

export type AnswerOnce<Answer> = {
  /**
   * Decides at most once per key and is durable before it answers. A reused key with another call raises
   * `provider-protocol`.
   */
  answer(call: KeyedCall, decide: () => Promise<Verdict<Answer>>): Promise<KnownCall<Answer>>
  /** The effects so far, oldest first. */
  entries(): readonly LedgerEntry[]
}

/** Gives each key one final answer, whatever is repeated, concurrent or restarted. */
export const answerOnce = <Answer>({
  clock,
  ledger,
}: {
  clock: Clock
  ledger: Ledger<Answer>
}): AnswerOnce<Answer> => {
  const answered = new Map<string, AnsweredCall<Answer>>()
  const deciding = new Map<string, { call: KeyedCall; answer: Promise<Answer> }>()
  const effects: LedgerEntry[] = []

  const remember = (done: AnsweredCall<Answer>) => {
    answered.set(done.key, done)
    if (done.effect) effects.push(entryOf(done))
  }
  for (const done of ledger.recovered) remember(done)

  const decideAndRecord = async (call: KeyedCall, decide: () => Promise<Verdict<Answer>>) => {
    try {
      const { answer, effect } = await decide()
      const { key, orderId, kind, amount } = call
      const done = { key, orderId, kind, amount, at: clock.now(), effect, answer }
      await ledger.append(done)
      remember(done)
      return answer
    } finally {
      deciding.delete(call.key)
    }
  }

  const begin = (call: KeyedCall, decide: () => Promise<Verdict<Answer>>) => {
    const answer = decideAndRecord(call, decide)
    deciding.set(call.key, { call, answer })
    return answer
  }

  return {
    answer: async (call, decide) => {
      const done = answered.get(call.key)
      if (done) return { answer: agreed(done, call, done.answer), first: false }
      const open = deciding.get(call.key)
      if (open) return { answer: await agreed(open.call, call, open.answer), first: false }
      return { answer: await begin(call, decide), first: true }
    },
    entries: () => effects,
  }
}

const agreed = <T>(known: KeyedCall, repeat: KeyedCall, answer: T): T => {
  const field = (['kind', 'orderId', 'amount'] as const).find(name => known[name] !== repeat[name])
  if (field) {
    throw new SagaError('provider-protocol', `the key was first used with another ${field}`, {
      retry: 'never',
    })
  }
  return answer
}
