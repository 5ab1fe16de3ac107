import type { CommandReply } from '../../../shared/commands/command-bus.ts'
import { type Answer, refuse } from './answer.ts'
import type { RefusalCode } from './refusals.ts'

/** What the answers of one route have in common. */
export type ReplyAnswers<A> = {
  /** What is said to an answer of the handler. */
  readonly answered: (answer: A) => Answer
  /** What is said when its subject is none. */
  readonly subject?: RefusalCode
  /** What a key stands for, such as an order. */
  readonly wish?: string
}

/** What HTTP says to the reply to a command or a query. */
export const answerFor = <A>(reply: CommandReply<A>, answers: ReplyAnswers<A>): Answer => {
  switch (reply.kind) {
    case 'answered':
      return answers.answered(reply.answer)
    case 'invalid':
      return refuse('fields-invalid', { errors: reply.errors })
    case 'subject-invalid':
      return refuse(answers.subject ?? 'route-unknown')
    case 'id-reused':
      return refuse('key-reused', {
        errors: [{ field: 'Idempotency-Key', expected: `a key of its own for each ${answers.wish}` }],
      })
  }
}
