/**
 * `npm run bench:report [-- FILE]`: writes docs/performance.md from the results that were kept last, or from
 * those in a file of bench/results.
 */
import { adoptResults, readResults } from './results.ts'
import { writePage } from './write.ts'

const [file] = process.argv.slice(2)
const results = readResults(file)
if (file !== undefined) adoptResults(results)
writePage(results)
process.stdout.write('docs/performance.md is up to date\n')
