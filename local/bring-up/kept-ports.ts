import { readJson, writeJson } from '../../system/json-file.ts'
import { claimPort, freePort, mayBeGiven } from './ports.ts'

/**
 * Of every name one port: the wanted one, else the one of the last time while nothing else took it, else a
 * free one.
 */
export const choosePorts = async <Name extends string>(
  names: readonly Name[],
  last: Partial<Record<Name, number>>,
  wanted: Partial<Record<Name, number>> = {},
): Promise<Record<Name, number>> => {
  const ports: Partial<Record<Name, number>> = {}
  for (const name of names) {
    const before = last[name]
    const isKept = before !== undefined && mayBeGiven(before) && (await claimPort(before))
    const kept = isKept ? before : undefined
    ports[name] = wanted[name] ?? kept ?? (await freePort())
  }
  return ports as Record<Name, number>
}

/** Ports that stay the same from one start to the next, remembered in `file`. */
export const keptPorts = async <Name extends string>(
  file: string,
  names: readonly Name[],
  wanted: Partial<Record<Name, number>> = {},
): Promise<Record<Name, number>> => {
  const ports = await choosePorts(names, readJson<Partial<Record<Name, number>>>(file) ?? {}, wanted)
  writeJson(file, ports)
  return ports
}
