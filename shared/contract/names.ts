/** Every name of a saga on the servers that it shares with others, in one place. */
export type Names = ReturnType<typeof namesOf>

/**
 * The names of a saga: in the vhost `vhost` exchanges that begin with `exchanges`, databases that begin with
 * `databases`.
 */
export const namesOf = ({ vhost, exchanges, databases, collection }: NamesGiven) => ({
  vhost,
  exchanges: {
    /** Facts, by event type. */
    events: `${exchanges}.events`,
    /** From here each service's inbox is fed. */
    inboxes: `${exchanges}.inboxes`,
    /** What no inbox takes. */
    unrouted: `${exchanges}.unrouted`,
    /** Parked messages, by service. */
    deadLetters: `${exchanges}.dlx`,
  },
  /** The stream of everything that was published. */
  journal: `${exchanges}.journal`,
  /** The exchange and the queue of what waits so long (ms). */
  waitOf: (ms: number): string => `${exchanges}.wait.${ms / 1000}s`,
  databaseOf: (service: string): string => `${databases}_${service}`,
  /** Where each service keeps a document per subject. */
  collection,
})

type NamesGiven = {
  readonly vhost: string
  readonly exchanges: string
  readonly databases: string
  readonly collection: string
}
