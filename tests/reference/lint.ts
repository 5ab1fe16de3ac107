import type { Parser } from '@asyncapi/parser'

let opened: Promise<Parser> | undefined

// Loaded when it is first asked: it is large.
const open = async (): Promise<Parser> => {
  const { Parser } = await import('@asyncapi/parser')
  return new Parser()
}

/** What AsyncAPI's own parser says against a document: the rule, and where; hints and warnings, too. */
export const findingsIn = async (document: object): Promise<readonly string[]> => {
  opened ??= open()
  const found = await (await opened).validate(JSON.stringify(document))
  return found.map(({ code, path }) => [code, ...path].join(' '))
}
