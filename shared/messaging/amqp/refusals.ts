import type { OutgoingMessage } from '../broker.ts'

/**
 * What is refused on the channels of a publisher, and when another channel may help. One does where a channel
 * remembers a leader that died; a full queue refuses what comes on any, so each further channel is given
 * twice the time, until all that was refused is taken again.
 */
export type Refusals = {
  refused(message: OutgoingMessage): void
  taken(message: OutgoingMessage): void
  /** True when a channel of this age (ms) is to be replaced. */
  isTime(ageMs: number): boolean
}

const patience = { leastMs: 2_000, mostMs: 120_000 }

export const refusals = (): Refusals => {
  const routes = new Set<string>()
  let patienceMs = patience.leastMs
  return {
    refused: message => void routes.add(routeOf(message)),
    taken: message => {
      if (routes.size === 0 || !routes.delete(routeOf(message)) || routes.size > 0) return
      patienceMs = patience.leastMs
    },
    isTime: ageMs => {
      if (ageMs < patienceMs) return false
      patienceMs = Math.min(patience.mostMs, 2 * patienceMs)
      return true
    },
  }
}

const routeOf = ({ exchange, key }: OutgoingMessage): string => `${exchange}\n${key}`
