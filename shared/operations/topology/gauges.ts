/** Figures for a monitoring system. */
export type Gauges = {
  set(name: GaugeName, value: number, labels?: Readonly<Record<string, string>>): void
  add(name: GaugeName, value: number): void
  /** Forgets what a name had for all its labels. */
  clear(name: GaugeName): void
}
export type GaugeName = keyof typeof gaugeHelp

/** What the topology watch publishes, by name. */
export const gaugeHelp = {
  choreo_dead_letters: 'Messages in the dead-letter queue, by service.',
  choreo_inbox_ready: 'Messages that wait in the inbox, by service.',
  choreo_inbox_consumers: 'Consumers of the inbox, by service.',
  choreo_unrouted: 'Messages that no inbox takes.',
  choreo_broker_figures_unknown:
    'Queues that are there, and of which the broker does not tell how full they are or who consumes them.',
  choreo_topology_missing: 'What is declared and still missing on the broker after the last round.',
  choreo_topology_different: 'Fields that are other than declared and cannot be changed without loss.',
  choreo_settings_not_in_force:
    'Settings of our queues that are in force, other than promised, and take a promise away.',
  choreo_queue_fill:
    'How near a queue that refuses what is too much is to its limit, by queue: 1 is full, and then whoever publishes to it is refused.',
  choreo_foreign_queues:
    'Queues that nobody here declares, that take our events, and that nobody empties or that may refuse them.',
  choreo_topology_repairs_total:
    'What was declared again, or raised above a policy of others, since the start.',
  choreo_unrouted_drained_total: 'Messages that no inbox took and that were sent to theirs, since the start.',
  choreo_journal_resent_total:
    'Messages that were sent from the journal to an inbox that may have missed them, since the start.',
  choreo_recovery_pending: 'Inboxes that may have missed something that is not sent again yet.',
  choreo_topology_rounds_failed_total: 'Rounds in which the broker could not be looked at, since the start.',
} as const

/** Figures in the text format of Prometheus. */
export const textGauges = (): Gauges & { text(): string } => {
  const values = new Map<GaugeName, Map<string, number>>()
  const of = (name: GaugeName) => {
    const known = values.get(name) ?? new Map<string, number>()
    values.set(name, known)
    return known
  }
  return {
    set: (name, value, labels = {}) => void of(name).set(labelled(labels), value),
    add: (name, value) => void of(name).set('', (of(name).get('') ?? 0) + value),
    clear: name => void values.delete(name),
    text: () => `${[...values].flatMap(([name, series]) => linesOf(name, series)).join('\n')}\n`,
  }
}

const linesOf = (name: GaugeName, series: ReadonlyMap<string, number>): string[] => [
  `# HELP ${name} ${gaugeHelp[name]}`,
  `# TYPE ${name} ${name.endsWith('_total') ? 'counter' : 'gauge'}`,
  ...[...series].map(([labels, value]) => `${name}${labels} ${value}`),
]

const labelled = (labels: Readonly<Record<string, string>>): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/["\\\n]/g, '_')}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
