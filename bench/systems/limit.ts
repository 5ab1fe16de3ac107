import { startOwnPrograms } from './own-programs.ts'
import type { HttpSystem } from './system.ts'

/** The same bytes in the largest useful batches without the work of a saga; see bench/limit. */
export const startLimit = (options: { say: (line: string) => void }): Promise<HttpSystem> =>
  startOwnPrograms({
    contender: 'limit',
    say: options.say,
    variables: {},
    programs: async port => [{ name: 'limit', main: 'limit/main.js', port: await port() }],
  })
