import { platform } from 'node:os'
import { join } from 'node:path'
import { SagaError } from '../../shared/runtime/errors.ts'

const answerWithin = 5_000

/**
 * True when the server that mongodb-memory-server-core downloads mongod from answers for this machine within
 * 5 s.
 */
export const mongodDownloadAnswers = async (): Promise<boolean> => {
  try {
    const signal = AbortSignal.timeout(answerWithin)
    const answer = await fetch(await downloadUrl(), { method: 'HEAD', redirect: 'follow', signal })
    return answer.ok
  } catch {
    return false
  }
}

/** Where mongod for this machine is downloaded from. */
export const downloadUrl = async (): Promise<string> => {
  const { DryMongoBinary } = await import('mongodb-memory-server-core/lib/util/DryMongoBinary.js')
  const { MongoBinaryDownloadUrl } = await import(
    'mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js'
  )
  const wanted = await DryMongoBinary.generateOptions()
  return new MongoBinaryDownloadUrl({ ...wanted, platform: platform() }).getDownloadUrl()
}

/**
 * The path of a mongod kept below `folder`, downloaded at the first call.
 * @throws SagaError `install-failed` when the download does
 */
export const downloadedMongod = async (folder: string): Promise<string> => {
  try {
    const { MongoBinary } = await import('mongodb-memory-server-core/lib/util/MongoBinary.js')
    return await MongoBinary.getPath({ downloadDir: join(folder, 'mongodb-binaries') })
  } catch (cause) {
    throw new SagaError('install-failed', 'mongod could not be downloaded', { cause })
  }
}
