import type { Mutant } from './mutant.ts'

const handle = 'shared/saga/process/handle.js'
const intent = 'shared/saga/process/intent.js'
const consume = 'shared/saga/consume'
const settle = 'shared/saga/consume/disposition.js'
const sweep = 'shared/saga/process/sweep.js'

const reaction: readonly Mutant[] = [
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
    find: "return { do: 'wait', ms: asLongAgain, attempt: attempts, ...because(result.code) };",
    replace: "return { do: 'ack' };",
  },
]

const unsent: readonly Mutant[] = [
  {
    name: 'no-mark',
    rule: '2: what no message caused is marked in the same write',
    file: 'shared/saga/process/initiate.js',
    find: '{ facts: decision.facts, unsent: true, traceparent }',
    replace: '{ facts: decision.facts, traceparent }',
  },
  {
    name: 'mark-gone-before-confirm',
    rule: '2: the mark goes when the event is confirmed',
    file: 'shared/saga/process/initiate.js',
    find: 'await context.publish(events);\n        await context.store.clearUnsent(subject, events.map(event => event.id));',
    replace:
      'await context.store.clearUnsent(subject, events.map(event => event.id));\n        await context.publish(events);',
  },
  {
    name: 'boolean-mark',
    rule: '2: the mark names its event; one for all loses a concurrent second event',
    file: 'shared/storage/memory/store.js',
    find: 'current.unsent.filter(id => !ids.includes(id))',
    replace: '[]',
  },
  {
    name: 'no-unsent-sweep',
    rule: '2: a sweep publishes what is still marked',
    file: sweep,
    find: 'document.unsent.includes(id) && (age >= minAge || age < 0)',
    replace: 'false',
  },
  {
    name: 'nudge-same-id',
    rule: '2: a nudge re-sends under a new id, which skips Redis and flows down',
    file: sweep,
    find: 'await context.publish(events, context.random.id());',
    replace: 'await context.publish(events);',
  },
  {
    name: 'nudge-asks-redis',
    rule: '2: a re-send does not ask Redis',
    file: handle,
    find: '!resend && (await context.done',
    replace: '(await context.done',
  },
  {
    name: 'resend-leaves-dead',
    rule: '2 and 6: a re-send that a dead input has not seen tries it again',
    file: handle,
    find: "entry?.outcome === 'dead' && (resend === undefined || resend === entry.resend)",
    replace: "entry?.outcome === 'dead'",
  },
]

const calls: readonly Mutant[] = [
  {
    name: 'intent-counts-as-handled',
    rule: '3: an intent is committed without an inbox entry',
    file: handle,
    find: 'changeOf(context.service, document, { intent, ...token }, context.clock.now())',
    replace:
      "changeOf(context.service, document, { intent, ...token, inbox: { [id]: { outcome: 'applied' } } }, context.clock.now())",
  },
  {
    name: 'no-intent',
    rule: '3: the call is on record before it is made',
    file: handle,
    find: "if (record === 'never')",
    replace: "if (record !== 'every-attempt')",
  },
  {
    name: 'decide-beside-intent',
    rule: '3: whoever finds an open intent finishes it before it decides',
    file: handle,
    find: 'if (hasIntent(document))',
    replace: 'if (hasIntent(document) && document.intent.source.id === input.event.id)',
  },
  {
    name: 'detached-and-forgotten',
    rule: '3: a detached call has a due time',
    file: intent,
    find: "const write = { intent: { ...document.intent, due }, inbox: { [source]: { outcome: 'applied' } } };",
    replace: "const write = { intent: document.intent, inbox: { [source]: { outcome: 'applied' } } };",
  },
  {
    name: 'detached-unmarked',
    rule: '3: the events of a detached call are marked as unsent',
    file: intent,
    find: 'unsent: due !== undefined',
    replace: 'unsent: false',
  },
  {
    name: 'due-not-taken-over',
    rule: '3: a sweep resumes detached calls past due',
    file: sweep,
    find: "if ((await claim(context, document)) !== 'conflict')\n        finishInBackground(context, document.subject, { by: 'sweep' });",
    replace: '',
  },
  {
    name: 'busy-is-done',
    rule: '3: an input that meets an open call waits',
    file: settle,
    find: "return { do: 'wait', ms: delay(0), attempt: attempts, reason: 'call-open' };",
    replace: "return { do: 'ack' };",
  },
  {
    name: 'resumed-unpublished',
    rule: '3: whoever finishes an intent publishes its events before it decides',
    file: handle,
    find: 'await relay(context, document.subject, finished.events);',
    replace: 'void 0;',
    tolerated: 'the events are marked, so the sweep sends them: this one only saves time',
  },
]

const failures: readonly Mutant[] = [
  {
    name: 'copy-unconfirmed',
    rare: true,
    rule: '6: the copy that waits is confirmed before the original is acknowledged',
    file: `${consume}/dispose.js`,
    find: 'await publisher.publish(retryCopyOf(delivery, part, disposition, about));',
    replace: 'publisher.publish(retryCopyOf(delivery, part, disposition, about)).catch(() => { });',
  },
  {
    name: 'dead-unmarked',
    rule: '6: dead in the inbox first, then to the dead letters',
    file: settle,
    find: 'attempts + 1 >= maxAttempts, true)',
    replace: 'attempts + 1 >= maxAttempts, false)',
  },
  {
    name: 'dead-over-applied',
    rare: true,
    rule: '6: only what is absent or dead is marked dead',
    file: 'shared/saga/process/park.js',
    find: "if (isHandled(before))\n        return 'handled';",
    replace: '',
  },
  {
    name: 'dead-acknowledged',
    rare: true,
    rule: '6: a dead input that comes again goes to the dead letters again',
    file: settle,
    find: "return { do: 'park', attempts, reason: result.reason, mark: false };",
    replace: "return { do: 'ack' };",
  },
  {
    name: 'no-suspects',
    rule: '6: from the third delivery on, an event is a suspect',
    file: `${consume}/received-event.js`,
    find: 'delivery.earlierDeliveries >= suspectAfter',
    replace: 'false',
  },
  {
    name: 'suspect-uncounted',
    rule: '6: an attempt at a suspect is counted before it begins',
    file: `${consume}/pipeline.js`,
    find: 'if (!received.counted)\n            await markSuspect(context, input, maxSuspectTries);',
    replace: '',
  },
  {
    name: 'suspect-in-company',
    rule: '6: a suspect is handled alone',
    file: `${consume}/pipeline.js`,
    find: 'return perSubject.runAlone(async () => {',
    replace: 'return perSubject.run(decoded.event.subject, async () => {',
    tolerated:
      'after a crash one message is out at a time, so company is rare: two killers and six crashes in a row would be needed to park a neighbour; tests/saga/consume/per-subject-queue.spec.ts holds the rule',
  },
  {
    name: 'low-delivery-limit',
    rule: "6: the broker's delivery limit is high",
    file: 'shared/messaging/topology/topology.js',
    find: 'const deliveryLimit = 50;',
    replace: 'const deliveryLimit = 1;',
  },
  {
    name: 'store-down-drops',
    rule: '6: while the store is away, messages are kept',
    file: settle,
    find: "return { do: 'keep' };",
    replace: "return { do: 'ack' };",
  },
  {
    name: 'store-trouble-counts',
    rare: true,
    rule: '6: what befalls the store counts nothing against an event',
    file: `${consume}/pipeline.js`,
    find: "if (isStoreAway(error))\n            return { kind: 'down', code: codeOf(error) };",
    replace: '',
  },
  {
    name: 'replay-without-id',
    rule: '6: a replay carries a fresh re-send id',
    file: 'tests/simulation/operator.js',
    find: "headers: { 'x-resend': resend }",
    replace: 'headers: {}',
  },
  {
    name: 'replay-acknowledges-first',
    rare: true,
    rule: '6: the dead letter is acknowledged once its replay is confirmed',
    file: 'tests/simulation/operator.js',
    find: "await publisher.publish({\n        ...held.message,\n        exchange: '',\n        key: inboxOf(service),\n        headers: { 'x-resend': resend },\n    });",
    replace:
      "publisher.publish({ ...held.message, exchange: '', key: inboxOf(service), headers: { 'x-resend': resend } }).catch(() => {});",
  },
]

export const kernelMutants: readonly Mutant[] = [...reaction, ...unsent, ...calls, ...failures]
