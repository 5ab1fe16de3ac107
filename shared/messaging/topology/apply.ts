import type { Definitions } from './definitions.ts'
import type { ManagementCall } from './management.ts'

/**
 * Makes the broker what the definitions say, through its management API; what is there already stays, so it can be repeated.
 * Existing queues keep their arguments and contents, and nothing is removed. Resolves when everything is declared.
 * @throws SagaError `broker-unavailable`, `broker-refused`
 */
export const applyDefinitions = async (api: ManagementCall, definitions: Definitions): Promise<void> => {
  await api('POST', '/api/definitions', definitions)
}
