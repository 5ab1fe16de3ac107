import type { ProfileSummary, Share } from './summary.ts'

const most = 12

const percent = (share: number) => `${(share * 100).toFixed(1).padStart(5)} %`

const side = (share: Share | undefined, width: number): string =>
  (share ? `${percent(share.share)}  ${share.name}` : '').padEnd(width)

/**
 * One process as a table: its rooms on the left, its functions on the right, each with its share of the busy
 * time. Pure.
 */
export const profileText = (name: string, { busyMs, idleMs, rooms, functions }: ProfileSummary): string => {
  const all = busyMs + idleMs
  const head = `${name}: busy ${Math.round(busyMs)} of ${Math.round(all)} ms (${percent(all === 0 ? 0 : busyMs / all).trim()})`
  const rows = Array.from({ length: Math.min(most, Math.max(rooms.length, functions.length)) }, (_, i) =>
    `  ${side(rooms[i], 40)}${side(functions[i], 0)}`.trimEnd(),
  )
  return [head, ...rows, ''].join('\n')
}
