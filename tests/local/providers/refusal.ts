import { inspect } from 'node:util'
import { expect } from 'chai'
import { SagaError } from '../../../shared/runtime/errors.ts'

/**
 * The code of what was raised, and whether the same call may succeed later; also that it gives nothing away.
 */
export const refusalOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    answer => expect.fail(`answered ${JSON.stringify(answer)}`),
    raised => raised,
  )
  if (!(error instanceof SagaError)) throw error
  const everything = inspect(error, { depth: 20, showHidden: true })
  expect(everything).not.to.match(/tok_|Secret Street|1010|XX0 0XX/)
  return `${error.code}, retry ${error.retry}`
}
