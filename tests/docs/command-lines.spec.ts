import { expect } from 'chai'
import type { Command } from 'commander'
import { programWith } from '../../cli/program.ts'
import { documents, filesBelow, read } from './page.ts'

const program = programWith(() => async () => {})

/** How the command line is called: on this machine, and in containers. */
const calls = ['npx --no -- choreo', 'docker compose run --rm tools', '-- node cli/choreo.mjs']

/** Every call of the command line in a text, up to where the shell or the prose goes on with something else. */
const commandLinesOf = (text: string): string[] => [
  ...calls.flatMap(call =>
    [...text.matchAll(new RegExp(`${call} +([^\`|;)>\\n]*)`, 'g'))].map(([, line = '']) => line),
  ),
  ...[...text.matchAll(/npm run dlq:replay -- +([^`|;)>\n]*)/g)].map(([, line = '']) => `dlq replay ${line}`),
]

/** What a command line names that is not there: a command, or an option of it. */
const unknownIn = (line: string): string[] => {
  let command: Command = program
  const words = line.trim().split(/\s+/).filter(Boolean)
  // A page about all commands writes `<command>` for any of them.
  if (words[0]?.startsWith('<')) return []
  const unknown: string[] = []
  for (const word of words) {
    const next = command.commands.find(one => one.name() === word)
    if (next) command = next
    else if (command.commands.length > 0 && !word.startsWith('-')) return [word]
    else if (word.startsWith('--') && !knows(command, word)) unknown.push(word)
  }
  return command.commands.length > 0 && !line.includes('--help') ? [`${line}: no command`] : unknown
}

const knows = (command: Command, option: string) =>
  option === '--help' || command.options.some(({ long }) => long === option)

/** In another folder a bare npx would fetch and run whatever somebody publishes under the name. */
const bareNpx = /npx choreo/

describe('the command lines in the documents', () => {
  for (const document of documents)
    it(`are there: ${document}`, () => {
      const unknown = commandLinesOf(read(document)).flatMap(unknownIn)
      expect(unknown).to.deep.equal([])
      expect(read(document)).to.not.match(bareNpx)
    })

  it('are none that would fetch a program of others, in what the programs say either', () => {
    const sources = ['cli', 'shared', 'services', 'local', 'rabbitmq', 'reference'].flatMap(folder =>
      filesBelow(folder, '.ts'),
    )
    const said = [...sources, ...filesBelow('monitoring', '.yml')].filter(file => bareNpx.test(read(file)))
    expect(said).to.deep.equal([])
  })

  it('are missed when the command or its option is not there', () => {
    expect(unknownIn('saga explain ord_1')).to.deep.equal(['explain'])
    expect(unknownIn('dlq replay --servce payment --dry-run')).to.deep.equal(['--servce'])
    expect(unknownIn('order submit --line SKU-7:2 --wait')).to.deep.equal([])
    expect(commandLinesOf('run `npx --no -- choreo status` or npx --no -- choreo flow | less')).to.deep.equal(
      ['status', 'flow '],
    )
    expect(
      commandLinesOf(
        'docker compose run --rm tools dlq lst\nkubectl exec -it tools -- node cli/choreo.mjs s',
      ),
    ).to.deep.equal(['dlq lst', 's'])
  })
})
