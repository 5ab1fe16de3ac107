import { once } from 'node:events'
import { statSync } from 'node:fs'
import { createServer } from 'node:net'
import { SagaError } from '../../../shared/runtime/errors.ts'

/**
 * Holds the folder for this process until the returned function is called or the process ends, however it
 * ends. A listening socket does it, named after the folder itself: unlike a file it leaves nothing behind
 * that could be stale. Linux and Windows have such names; elsewhere nothing guards the folder.
 * @throws SagaError `folder-taken`
 */
export const lockFolder = async (folder: string): Promise<() => Promise<void>> => {
  const { dev, ino } = statSync(folder)
  const name = `choreo-embedded-mongodb-${dev}-${ino}`
  if (!['linux', 'win32'].includes(process.platform)) return async () => {}
  const server = createServer(socket => socket.destroy())
  server.unref()
  server.listen(process.platform === 'win32' ? `\\\\?\\pipe\\${name}` : `\0${name}`)
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new SagaError('folder-taken', `another embedded server has ${folder} open`, {
      retry: 'never',
      cause,
    })
  }
  return async () => {
    server.close()
    await once(server, 'close')
  }
}
