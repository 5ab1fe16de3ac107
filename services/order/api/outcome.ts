import type { CommandOutcome } from '../../../shared/commands/command-bus.ts'
import { type Answer, refuse } from './answer.ts'
import type { RefusalCode } from './refusals.ts'

/** What the answers of one route have in common. */
export type OutcomeAnswers<A> = {
  /** What is said to an answer of the handler. */
  readonly answered: (answer: A) => Answer
  /** What is said when its subject is none. */
  readonly subject?: RefusalCode
  /** What a key stands for, such as an order. */
  readonly wish?: string
}

/** What HTTP says to the outcome of a command or a query. */
export const answerFor = <A>(outcome: CommandOutcome<A>, answers: OutcomeAnswers<A>): Answer => {
  switch (outcome.kind) {
    case 'answered':
      return answers.answered(outcome.answer)
    case 'invalid':
      return refuse('fields-invalid', { errors: outcome.errors })
    case 'subject-invalid':
      return refuse(answers.subject ?? 'route-unknown')
    case 'id-reused':
      return refuse('key-reused', {
        errors: [{ field: 'Idempotency-Key', expected: `a key of its own for each ${answers.wish}` }],
      })
  }
}
