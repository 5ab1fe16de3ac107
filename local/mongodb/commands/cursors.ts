import type { Raw } from '../protocol/answer.ts'

/** Results that wait for `getMore`, by the id of their cursor. */
export type Cursors = Map<bigint, Rest>

/** What of a result is still to be fetched. */
export type Rest = { ns: string; documents: Raw[]; waitsFor: number }
