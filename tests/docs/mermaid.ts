/** What is wrong with a Mermaid diagram, as far as its structure tells; empty when nothing is. Pure. */
export const faultsOf = (diagram: string): string[] => {
  const [head = '', ...lines] = diagram
    .split('\n')
    .map(line => line.trim())
    .filter(Boolean)
  if (/^sequenceDiagram$/.test(head)) return sequenceFaults(lines)
  if (/^(flowchart|graph) (LR|RL|TD|TB|BT)$/.test(head)) return flowchartFaults(lines)
  return [`no known type of diagram: ${head}`]
}

const opens = new Set(['alt', 'opt', 'loop', 'par', 'critical', 'break', 'rect'])
/** What may divide a block, by the word that opened it. */
const divides: Readonly<Record<string, string>> = { else: 'alt', and: 'par', option: 'critical' }
const participant = /^(?:participant|actor) (\w+)(?: as .+)?$/
const message = /^(\w+)(?:->|-->|->>|-->>|-x|--x|-\)|--\))[+-]?(\w+): \S.*$/
const note = /^Note (?:over|left of|right of) (\w+)(?:,(\w+))?: \S.*$/

const sequenceFaults = (lines: readonly string[]): string[] => {
  const declared = new Set(lines.map(line => participant.exec(line)?.[1]))
  const blocks: string[] = []
  const faults = lines.flatMap(line => {
    const ofBlocks = blockFaults(line, blocks)
    if (ofBlocks) return ofBlocks
    return participant.test(line) ? [] : statementFaults(line, declared)
  })
  return [...faults, ...blocks.map(block => `${block} without an end`)]
}

/**
 * What is wrong with a line that opens, divides or closes a block, of which `blocks` has those that are open;
 * undefined for any other line.
 */
const blockFaults = (line: string, blocks: string[]): string[] | undefined => {
  const [word = ''] = line.split(' ')
  if (word === 'end') return blocks.pop() ? [] : ['an end without a beginning']
  if (Object.hasOwn(divides, word))
    return blocks.at(-1) === divides[word] ? [] : [`not inside ${divides[word]}: ${line}`]
  if (!opens.has(word)) return undefined
  blocks.push(word)
  return []
}

/** A semicolon ends a statement in Mermaid, and a number sign begins an entity. */
const statementFaults = (line: string, declared: ReadonlySet<string | undefined>): string[] => {
  const found = message.exec(line) ?? note.exec(line)
  if (!found || /[;#]/.test(line)) return [`no statement: ${line}`]
  const strangers = [found[1], found[2]].filter(name => name !== undefined && !declared.has(name))
  return strangers.map(name => `${name} is not declared: ${line}`)
}

const node = '\\w+(?:\\(\\(.+?\\)\\)|\\[.+?\\]|\\(.+?\\)|\\{.+?\\})?'
const nodes = `${node}(?: & ${node})*`
const edge = new RegExp(
  `^${nodes}(?: (?:-->|---|-\\.->|==>|-- .+? -->|-\\. .+? \\.->|-->\\|.+?\\|) ${nodes})*$`,
)

const flowchartFaults = (lines: readonly string[]): string[] => {
  const subgraphs = lines.filter(line => line.startsWith('subgraph ')).length
  const ends = lines.filter(line => line === 'end').length
  const others = lines.filter(
    line => !/^(subgraph .+|end|direction \w+|(classDef|class|style|linkStyle) .+)$/.test(line),
  )
  return [
    ...(subgraphs === ends ? [] : [`${subgraphs} subgraphs and ${ends} ends`]),
    ...others.filter(line => !edge.test(line.replaceAll('"', ''))).map(line => `no statement: ${line}`),
  ]
}
