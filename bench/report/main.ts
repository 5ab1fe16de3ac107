/** `npm run bench:report`: writes docs/performance.md from the results that were kept last. */
import { readLatest } from './results.ts'
import { writePage } from './write.ts'

writePage(readLatest())
process.stdout.write('docs/performance.md is up to date\n')
