import { readdirSync, rmSync, truncateSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SagaError } from '../../shared/runtime/errors.ts'
import type { Log } from '../../shared/runtime/log.ts'
import { type Entry, readFrames } from './frames.ts'

type Kind = 'journal' | 'snapshot'

/** Where a data folder stands: the newest generation of its files, and how much its journals and its snapshot hold. */
export type Standing = { generation: number; journalBytes: number; snapshotBytes: number }

/** A file of a generation: the snapshot of all that was stored when it began, or the journal of what came after. */
export const fileOf = (folder: string, kind: Kind, generation: number): string =>
  join(folder, `${kind}-${String(generation).padStart(6, '0')}`)

const generations = (folder: string, kind: Kind): number[] =>
  readdirSync(folder)
    .filter(name => new RegExp(`^${kind}-\\d{6,}$`).test(name))
    .map(name => Number(name.slice(kind.length + 1)))
    .sort((a, b) => a - b)

/**
 * Replays the newest snapshot and the journals after it. The end of the last journal may be torn: it was never acknowledged and is cut off.
 * @throws SagaError `data-damaged` when anything before it is
 */
export const recover = (folder: string, log: Log, apply: (entry: Entry) => void): Standing => {
  for (const name of readdirSync(folder)) if (name.endsWith('.new')) rmSync(join(folder, name))
  const first = generations(folder, 'snapshot').at(-1) ?? 0
  for (const file of olderThan(folder, first)) rmSync(file)
  const snapshotBytes = first === 0 ? 0 : replaySnapshot(fileOf(folder, 'snapshot', first), apply)
  const journals = generations(folder, 'journal')
  let journalBytes = 0
  for (const generation of journals) {
    const last = generation === journals.at(-1)
    journalBytes += replayJournal(fileOf(folder, 'journal', generation), last, log, apply)
  }
  return { generation: journals.at(-1) ?? Math.max(first, 1), journalBytes, snapshotBytes }
}

const replaySnapshot = (file: string, apply: (entry: Entry) => void): number => {
  const { size, sound } = readFrames(file, apply)
  if (sound < size) throw damaged(file, sound)
  return size
}

const replayJournal = (file: string, last: boolean, log: Log, apply: (entry: Entry) => void): number => {
  const { size, sound, soundAfter } = readFrames(file, apply)
  if (sound === size) return size
  if (!last || soundAfter) throw damaged(file, sound)
  log.warn('the journal ended in a torn write that was never acknowledged; it is cut off', {
    bytes: size - sound,
  })
  truncateSync(file, sound)
  return sound
}

const damaged = (file: string, at: number) =>
  new SagaError('data-damaged', `${file} is corrupt at byte ${at}`, { retry: 'never' })

const olderThan = (folder: string, generation: number): string[] =>
  (['journal', 'snapshot'] as const).flatMap(kind =>
    generations(folder, kind)
      .filter(old => old < generation)
      .map(old => fileOf(folder, kind, old)),
  )

/** Removes what a snapshot of this generation makes superfluous. */
export const removeOlder = async (folder: string, generation: number): Promise<void> => {
  for (const file of olderThan(folder, generation)) await rm(file)
}
