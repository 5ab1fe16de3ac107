import { createServer } from 'node:http'
import { port } from './places.ts'

/** Answers 200 to whoever asks whether the program is up, and ends it with SIGTERM. */
export const answerReady = (): void => {
  createServer((_, response) => response.end('ready')).listen(port, '127.0.0.1')
  process.once('SIGTERM', () => process.exit(0))
}
