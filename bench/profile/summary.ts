/** The parts of a .cpuprofile that are read here. */
export type CpuProfile = {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  }[]
  readonly samples: readonly number[]
  /** Microseconds between the samples. */
  readonly timeDeltas: readonly number[]
}

/** Time by name, most first: ms, and the share of the time in which the process was not idle. */
export type Share = { readonly name: string; readonly ms: number; readonly share: number }

export type ProfileSummary = {
  readonly busyMs: number
  readonly idleMs: number
  readonly rooms: readonly Share[]
  readonly functions: readonly Share[]
}

type Frame = CpuProfile['nodes'][number]['callFrame']

/**
 * Where a function lives: a room of this project, a package, Node itself, or what the engine does. `build` is
 * the folder of the compiled code.
 */
export const roomOf = ({ functionName, url }: Frame, build: string): string => {
  if (/^\((garbage collector|program|idle|root)\)$/.test(functionName)) return functionName
  const path = url.replace(/^file:\/\//, '')
  const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? []
  if (name !== undefined) return name
  if (path.startsWith(build)) return path.slice(build.length).split('/').slice(0, -1).slice(0, 2).join('/')
  return path.startsWith('node:') || path === '' ? 'node' : 'elsewhere'
}

const functionOf = (frame: Frame, build: string): string => {
  const room = roomOf(frame, build)
  if (room.startsWith('(')) return room
  const file = frame.url.split('/').at(-1) ?? ''
  return `${frame.functionName || '(anonymous)'} ${room}${file === '' ? '' : ` ${file}:${frame.lineNumber + 1}`}`
}

const sharesOf = (times: ReadonlyMap<string, number>, busy: number): Share[] =>
  [...times]
    .map(([name, micros]) => ({ name, ms: micros / 1_000, share: busy === 0 ? 0 : micros / busy }))
    .toSorted((a, b) => b.ms - a.ms || a.name.localeCompare(b.name))

/** What starting and stopping the profile itself takes. */
const isProfiler = ({ functionName, url }: Frame) => functionName === 'dispatch' && url === ''

/** Where the time of a process went. `(program)` is time in system calls and native code. Pure. */
export const summaryOf = ({ nodes, samples, timeDeltas }: CpuProfile, build: string): ProfileSummary => {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const [rooms, functions] = [new Map<string, number>(), new Map<string, number>()]
  let [busy, idle] = [0, 0]
  const add = (times: Map<string, number>, name: string, micros: number) =>
    times.set(name, (times.get(name) ?? 0) + micros)
  for (const [i, id] of samples.entries()) {
    const frame = frames.get(id)
    const micros = Math.max(0, timeDeltas[i] ?? 0)
    if (!frame || frame.functionName === '(root)' || isProfiler(frame)) continue
    if (frame.functionName === '(idle)') {
      idle += micros
      continue
    }
    busy += micros
    add(rooms, roomOf(frame, build), micros)
    add(functions, functionOf(frame, build), micros)
  }
  return {
    ...{ busyMs: busy / 1_000, idleMs: idle / 1_000 },
    ...{ rooms: sharesOf(rooms, busy), functions: sharesOf(functions, busy) },
  }
}
