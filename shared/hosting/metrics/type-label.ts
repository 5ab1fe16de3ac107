import type { Saga } from '../../contract/saga.ts'
import { otherLabel } from '../../runtime/telemetry/bounded-labels.ts'

/** An event type as a label: those of the saga, and `other` for whatever else came. */
export const typeLabel = ({ definitionOf }: Saga, type: string | undefined): string =>
  type !== undefined && definitionOf(type) ? type : otherLabel
