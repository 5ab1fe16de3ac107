import type { Mutant } from './mutant.ts'

const handle = 'shared/saga/process/handle.js'
const consume = 'shared/saga/consume'
const settle = 'shared/saga/consume/disposition.js'

/** Rule 1 of the protocol: an event is reacted to once, and what follows is published. */
export const reactionMutants: readonly Mutant[] = [
  {
    name: 'resend-everything',
    rule: '1: a known input has only its own consequences sent again',
    file: 'shared/saga/context.js',
    find: 'publicEvents(document.events.filter(event => event.cause === cause))',
    replace: 'publicEvents(document.events)',
  },
  {
    name: 'resend-nothing',
    rule: '1: a known input has its consequences sent again',
    file: handle,
    find: "finish(context, causedBy(document, input.event.id), input, 'duplicate')",
    replace: "finish(context, [], input, 'duplicate')",
  },
  {
    name: 'known-by-guess',
    rare: true,
    rule: '1: what is known without a read is a guess, and only a write tells; what is on record is read',
    file: handle,
    find: 'return known.inbox[id] === undefined ? known : undefined;',
    replace: 'return known;',
  },
  {
    name: 'guess-kept-on-conflict',
    rule: '1: on a conflict read again',
    file: handle,
    find: 'advance(context, await load(context, subject), input));',
    replace: 'advance(context, guess ?? (await load(context, subject)), input));',
  },
  {
    name: 'resend-id-lost',
    rule: '1: what a re-send causes carries its re-send id',
    file: handle,
    find: 'await context.publish(events, resend);',
    replace: 'await context.publish(events);',
  },
  {
    name: 'conflict-ignored',
    rule: '1: a commit is guarded by the version; on a conflict read again',
    file: 'shared/storage/memory/store.js',
    find: 'if (document.version !== (current?.version ?? 0))',
    replace: 'if (document.version === 0 && current !== undefined)',
  },
  {
    name: 'done-before-publish',
    rule: '1: publish, all confirmed, and only then the done key',
    file: handle,
    find: 'await context.publish(events, resend);\n    context.background(context.done.markDone(event.id));',
    replace:
      'context.background(context.done.markDone(event.id));\n    await context.publish(events, resend);',
  },
  {
    name: 'set-nx-first',
    rule: 'wrong pattern: note as done before the effect',
    file: handle,
    find: 'const guess = guessed(context, input.event);',
    replace:
      "const guess = undefined;\n    if (await isKnownDone(context, input))\n        return { kind: 'duplicate' };\n    await context.done.markDone(id);",
  },
  {
    name: 'ack-first',
    rule: 'wrong pattern: acknowledge before the commit',
    file: `${consume}/handle-delivery.js`,
    find: 'const kept = await',
    replace: 'delivery.ack();\n            const kept = await',
  },
  {
    name: 'no-inbox',
    rule: 'wrong pattern: no inbox beside the state',
    file: handle,
    find: 'if (isHandled(entry))',
    replace: 'if (false)',
  },
  {
    name: 'unconfirmed-publish',
    rule: 'wrong pattern: go on before the confirm',
    file: 'shared/saga/publish/event-publisher.js',
    find: 'await publisher.publish(messageOf(saga, events));',
    replace: 'void publisher.publish(messageOf(saga, events)).catch(() => { });',
  },
  {
    name: 'late-failure-parks',
    rule: '1: a failure after the commit is retried without counting and never parks',
    file: settle,
    find: "return { do: 'wait', ms: asLongAgain(delay(1)), attempt: attempts, ...because(result.code) };",
    replace: "return { do: 'ack' };",
  },
]
