import Mocha from 'mocha'

/** What came of one spec file. */
export type SpecResult = {
  readonly passes: number
  readonly pending: number
  /** Each as mocha lists it. */
  readonly failures: readonly string[]
  readonly seconds: number
  /** How many seconds of a core it took, what it started included as far as it has ended. */
  readonly computed: number
}

export type Results = ReadonlyMap<string, SpecResult>

const sum = (results: Results, count: (result: SpecResult) => number) =>
  [...results.values()].reduce((total, result) => total + count(result), 0)

const column = (seconds: number) => seconds.toFixed(1).padStart(8)

/** The slowest spec files as a table, slowest first. */
export const slowest = (results: Results, rows: number): string => {
  const lines = [...results]
    .sort(([, one], [, other]) => other.seconds - one.seconds)
    .slice(0, rows)
    .map(([spec, { seconds, computed }]) => [column(seconds), column(computed), spec].join('  '))
  return [' seconds  computed  slowest spec files', ...lines].join('\n')
}

// The number is that of its file.
const numbered = (text: string, i: number) => text.replace(/ \d+\) /, ` ${i + 1}) `)

/** Writes the summary of a run as mocha does, failures last. */
export const writeSummary = (results: Results, durationMs: number): void => {
  const { Base } = Mocha.reporters
  const failures = [...results.values()].flatMap(result => result.failures)
  const stats = {
    passes: sum(results, ({ passes }) => passes),
    pending: sum(results, ({ pending }) => pending),
    failures: failures.length,
    duration: durationMs,
  }
  Reflect.apply(Base.prototype.epilogue, { stats, failures: [] }, [])
  for (const [i, text] of failures.entries()) Base.consoleLog(numbered(text, i))
}
