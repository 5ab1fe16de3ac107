/**
 * What AsyncAPI's own parser says against a document: the rule, and where; hints and warnings, too. It is loaded when it is asked: it is
 * large.
 */
export const findingsIn = async (document: object): Promise<readonly string[]> => {
  const { Parser } = await import('@asyncapi/parser')
  const found = await new Parser().validate(JSON.stringify(document))
  return found.map(({ code, path }) => `${code} ${path.join(' ')}`.trim())
}
