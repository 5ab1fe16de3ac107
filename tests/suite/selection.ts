/** Some specs: by name, as in `docs/tutorial`, or all of a folder, as in `docs/`. */
export type Selected = {
  readonly specs: readonly string[]
  readonly because: string
}

/**
 * What one process runs after the other, for side by side they would wait for each other or do the same work
 * twice.
 */
export const together: readonly Selected[] = [
  { specs: ['simulation/'], because: 'each takes all cores' },
  { specs: ['evolution/'], because: 'the next release is compiled once' },
  {
    specs: ['faults/crash', 'operations/whole-system', 'services/tracking/whole-system'],
    because: 'one whole system serves them all',
  },
]

/** What is not run again on the Node of the images: what does not depend on it. */
export const notOnImageNode: readonly Selected[] = [
  {
    specs: ['services/every-reaction', 'contract/', 'choreography/', 'shop/', 'support/'],
    because: 'pure decisions on virtual time: the language alone, and no port of Node',
  },
  {
    specs: ['simulation/rules', 'simulation/ports'],
    because: 'what the simulation finds depends on the code alone; its schedules are played there too, fewer',
  },
  {
    specs: [
      'docs/',
      'reference/pages',
      'reference/service-description',
      'reference/schemas',
      'reference/seals',
    ],
    because:
      'texts that are compared; what runs on a page is a command that is tried by cli/ and operations/',
  },
  {
    specs: ['reference/asyncapi', 'services/order/api/openapi/document'],
    because:
      'documents that are compared and linted; the answers are held against them in services/order/api/openapi/answers',
  },
  {
    specs: ['cli/usage', 'cli/texts'],
    because: 'what commands say of themselves; what they do is asked by cli/system',
  },
  {
    specs: ['packaging/compose', 'packaging/dockerfile', 'packaging/kubernetes', 'packaging/packages'],
    because: 'files that are read and compared',
  },
  { specs: ['bench/'], because: 'the bench says which Node it measured, and measures with one' },
  { specs: ['suite/'], because: 'how the tests are run, not what they ask' },
  {
    specs: ['evolution/'],
    because:
      'its subject is what two releases read of each other; the ways between them are asked by storage/ and messaging/',
  },
  {
    specs: ['cluster/'],
    because:
      'its subject is what the nodes of RabbitMQ do; how a service comes back is asked by faults/ and messaging/',
  },
]

/** What reaches a broker and is not run again on RabbitMQ 4. All else that reaches one is. */
export const notOnRabbitMq4: readonly Selected[] = [
  {
    specs: ['saga/consume/handle-delivery'],
    because: 'takes the adapters in memory out of those of the kernel',
  },
  { specs: ['packaging/image'], because: 'its subject is what the image has, and how it stops' },
  {
    specs: ['cluster/'],
    because: 'its nodes are always those of the machine: that is what its page says it was run with',
  },
  {
    specs: ['evolution/side-by-side'],
    because: 'its subject is what two releases read of each other, not how a queue hands it out',
  },
  { specs: ['docs/tutorial'], because: 'its subject is the page; each of its commands is tried by cli/' },
]
