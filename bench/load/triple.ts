import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('./triple-main.js', import.meta.url))

/** Publishes every event twice more from now on, in a process of its own, until `stop`. */
export const tripleEvents = async (amqpUrl: string): Promise<{ stop: () => Promise<void> }> => {
  const child = spawn(process.execPath, [main], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, BENCH_AMQP_URL: amqpUrl },
  })
  const exited = once(child, 'exit')
  await Promise.race([once(child.stdout, 'data'), exited])
  return {
    stop: async () => {
      child.stdin.end()
      await exited
    },
  }
}
