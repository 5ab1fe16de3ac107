import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { RabbitMq } from '../../local/servers/rabbitmq.ts'
import { chosenInstallation } from '../../local/servers/rabbitmq-installation.ts'
import { environmentOf } from '../../local/servers/rabbitmq-instance.ts'

/** Runs the tool of the private RabbitMQ in this folder. */
export const rabbitmqctl = async (
  folder: string,
  facts: RabbitMq,
  args: readonly string[],
): Promise<void> => {
  const { seen, command } = chosenInstallation()
  const env = environmentOf(seen(folder), facts)
  const tool = command(folder, 'rabbitmqctl', ['-n', 'choreo@localhost', ...args])
  await promisify(execFile)(tool.command, tool.args, { env, cwd: folder })
}
