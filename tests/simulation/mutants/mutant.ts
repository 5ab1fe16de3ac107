/** A rule taken out of the compiled code: `find` occurs exactly once in `file`. */
export type Mutant = {
  readonly name: string
  /** The rule of docs/explanation/protocol.md, or the popular wrong pattern. */
  readonly rule: string
  readonly file: string
  readonly find: string
  readonly replace: string
  /** Why its removal is not seen, for rules that only serve speed or are covered twice. */
  readonly tolerated?: string
  /** It takes more schedules than the tests have time for, so only `npm run simulate` judges it. */
  readonly rare?: true
}
