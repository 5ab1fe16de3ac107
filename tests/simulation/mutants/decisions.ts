import type { Mutant } from './mutant.ts'

const resolve = 'shared/saga/process/resolve.js'

/** What a decision about a stuck call owes; schedules about stuck refunds judge them (decisions.spec.ts). */
export const decisionMutants: readonly Mutant[] = [
  {
    name: 'decision-not-on-record',
    rule: 'I36: the decision is on record with what follows from it',
    file: resolve,
    find: 'facts: [note, ...facts]',
    replace: 'facts',
  },
  {
    name: 'decided-call-goes-on',
    rule: 'I36: a decision ends the call',
    file: resolve,
    find: 'intent: null, token',
    replace: 'token',
  },
  {
    name: 'decision-unmarked',
    rule: '3: no message brings the events of a decision back, so they are marked as unsent',
    file: resolve,
    find: 'unsent: true',
    replace: 'unsent: false',
  },
  {
    name: 'decision-forgotten',
    rule: 'I36: repeating a decision gives the same answer',
    file: resolve,
    find: 'if (before)',
    replace: 'if (false)',
  },
  {
    name: 'every-decision-is-the-same',
    rule: 'I36: a decision is made once',
    file: resolve,
    find: 'if (!isSame(RecordedResolution.parse(note.data), wish))',
    replace: 'if (false)',
  },
  {
    name: 'decision-lost-is-made',
    rule: 'I36: a decision that lost the race to the provider changes nothing and says so',
    file: resolve,
    find: "if ((await commit(context, document, change)) === 'conflict')",
    replace: "if ((await commit(context, document, change)) === 'nothing')",
  },
]
