/** Specs of a folder below tests/, all of them unless they are named. */
export type Selected = {
  readonly folder: string
  readonly specs?: readonly string[]
  readonly because: string
}

/** What runs on RabbitMQ 4 as well: whatever has the broker as its subject, or stands on what the broker promises. */
export const onRabbitMq4: readonly Selected[] = [
  {
    folder: 'broker',
    because: 'the port: confirms, returns, requeues, limits, and what a bad wire does to them',
  },
  {
    folder: 'kernel',
    specs: ['inbox', 'kernel'],
    because: 'pauses, waits, parking and suspects on a real broker',
  },
  { folder: 'faults', because: 'poison, crash loops, the ladder, alarms, outages, a broker that is killed' },
  { folder: 'operations', because: 'walks, replays, the topology watch, figures of the management API' },
  { folder: 'security', because: 'the broker checks the rights, and not every version checks the same' },
  {
    ...{ folder: 'tracking', specs: ['journal', 'read-model', 'whole-system'] },
    because: 'streams: offsets, and a journal that was cut off or made anew',
  },
  {
    ...{ folder: 'observability', specs: ['notices', 'scrape'] },
    because: 'what is published beside the events, and the figures of a running system',
  },
  {
    ...{ folder: 'evolution', specs: ['side-by-side'] },
    because: 'what waits for a newer release waits at the broker',
  },
  { folder: 'packaging', specs: ['prepare'], because: 'a deployment declares topology and users with it' },
  { folder: 'docs', specs: ['own-servers'], because: 'a person imports the definitions with it' },
  {
    ...{ folder: 'local', specs: ['rabbitmq-root', 'servers', 'system'] },
    because: 'private instances and whole systems start, stop and leave nothing behind',
  },
  {
    folder: 'reference',
    specs: ['canvas-live'],
    because: 'services hear and say under their rights what their pages say',
  },
  {
    folder: 'examples',
    specs: ['booking-servers'],
    because: 'another saga, with a vhost and users of its own',
  },
  { folder: 'cli', specs: ['system'], because: 'dead letters and topology from the command line' },
]

/** What reaches a broker and is left out all the same. */
export const leftOut: readonly Selected[] = [
  { folder: 'kernel', specs: ['intake'], because: 'takes the adapters in memory out of those of the kernel' },
  { folder: 'packaging', specs: ['image'], because: 'its subject is what the image has, and how it stops' },
  {
    folder: 'cluster',
    because: 'its nodes are always those of the machine: that is what its page says it was run with',
  },
  {
    folder: 'docs',
    specs: ['tutorial'],
    because: 'its subject is the page; each of its commands is tried above',
  },
]
