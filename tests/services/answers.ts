import { Sku } from '../../services/contract/ids.ts'
import type { Answers } from '../support/reactions.ts'

/** Everybody outside agrees, or refuses. */
export const yes: Answers = ({ kind }) =>
  ({
    hold: { outcome: 'held' },
    charge: { outcome: 'captured' },
    schedule: { outcome: 'scheduled', trackingNumber: 'T-1' },
  })[kind]
export const no: Answers = ({ kind }) =>
  ({
    hold: { outcome: 'short', shortOf: Sku.parse('SKU-1') },
    charge: { outcome: 'declined', reason: 'card-declined' },
    schedule: { outcome: 'refused', reason: 'address-not-served' },
  })[kind]
