/** The files that every service has in its folder; `reactions` only those that react. */
type FileName = 'main' | 'configuration' | 'service-description' | 'reactions'

/**
 * What each of these services exports from the file `<file>.ts` of its folder, in the same order. Only these
 * files are loaded: a list of variables starts nothing, and a command line loads no client of a server.
 */
export const loadEach = async <Name extends string, Exports>(
  names: readonly Name[],
  file: FileName,
): Promise<(readonly [Name, Exports])[]> =>
  Promise.all(names.map(async name => [name, (await import(`./${name}/${file}.ts`)) as Exports] as const))
