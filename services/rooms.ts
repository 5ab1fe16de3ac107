/** The files that every service has in its folder, by what each exports. */
type RoomName = 'main' | 'configuration' | 'canvas' | 'reactions'

/**
 * What each of these services has in the file `<room>.ts` of its folder, in the same order. Only these files are loaded, so that a
 * list of variables starts nothing and a command line loads no client of a server.
 */
export const roomsOf = async <Name extends string, Room>(
  names: readonly Name[],
  room: RoomName,
): Promise<(readonly [Name, Room])[]> =>
  Promise.all(names.map(async name => [name, (await import(`./${name}/${room}.ts`)) as Room] as const))
