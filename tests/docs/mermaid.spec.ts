import { expect } from 'chai'
import { faultsOf } from './mermaid.ts'
import { blocksOf, documents, read } from './page.ts'

describe('the diagrams in the documents', () => {
  const drawn = documents.flatMap(document =>
    blocksOf(read(document))
      .filter(({ language }) => language === 'mermaid')
      .map(({ text, line }) => ({ document, text, line })),
  )

  for (const { document, text, line } of drawn)
    it(`are well formed: ${document}, line ${line}`, () => {
      expect(faultsOf(text)).to.deep.equal([])
    })

  it('show the four situations of the protocol, and more', () => {
    expect(
      drawn.filter(({ document }) => document === 'docs/explanation/protocol.md'),
    ).to.have.length.at.least(4)
  })

  const broken: Readonly<Record<string, string>> = {
    'of an unknown type': 'sequence\n  A->>B: hello',
    'with a block that is not closed': 'sequenceDiagram\n  participant A\n  loop twice\n  A->>A: hello',
    'with an end too many': 'sequenceDiagram\n  participant A\n  A->>A: hello\n  end',
    'that divide a block which is not open':
      'sequenceDiagram\n  participant A\n  opt\n  and\n  A->>A: hello\n  end',
    'with a participant that nobody declared': 'sequenceDiagram\n  participant A\n  A->>B: hello',
    'whose text ends a statement': 'sequenceDiagram\n  participant A\n  A->>A: one; two',
    'with half an edge': 'flowchart LR\n  a -->',
    'with a bracket that is not closed': 'flowchart LR\n  a((door --> b',
  }
  for (const [what, text] of Object.entries(broken))
    it(`are found broken ${what}`, () => {
      expect(faultsOf(text)).to.have.length.at.least(1)
    })
})
