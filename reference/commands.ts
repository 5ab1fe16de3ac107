import type { Command } from 'commander'
import { every, programWith } from '../cli/program.ts'
import { type Page, pageOf } from './page.ts'

/** Every command of `npx --no -- choreo`, in the words of its own help. */
export const commandsPage: Page = {
  file: 'docs/reference/commands.md',
  text: () => {
    const [program, ...commands] = every(programWith(() => async () => {}))
    const does = commands.filter(command => command.commands.length === 0)
    return pageOf(
      'Commands',
      '`npx --no -- choreo` in the project folder, after `npm start` was run there once. `--no` keeps npx from fetching and running whatever somebody may publish under that name when it is called elsewhere. `npm run dlq:replay -- …` is `npx --no -- choreo dlq replay …`.',
      [...(program ? [blockOf(program)] : []), ...does.map(one => `## ${nameOf(one)}\n\n${blockOf(one)}`)],
    )
  },
}

const nameOf = (command: Command): string =>
  [command.parent?.parent ? command.parent.name() : '', command.name()].join(' ').trim()

const blockOf = (command: Command): string => `\`\`\`\n${helpOf(command).trimEnd()}\n\`\`\``

const helpOf = (command: Command): string => {
  const written: string[] = []
  command.configureOutput({ writeOut: text => written.push(text), getOutHelpWidth: () => 110 }).outputHelp()
  return written.join('')
}
