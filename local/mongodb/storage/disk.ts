import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Opens a file, made when it is not there, so that a write returns when its bytes are on the disk: one call
 * instead of a write and an fdatasync.
 */
export const openForAppend = async (name: string): Promise<FileHandle> => {
  const { O_WRONLY, O_CREAT, O_APPEND, O_DSYNC } = constants
  const file = await open(name, O_WRONLY | O_CREAT | O_APPEND | O_DSYNC)
  await syncFolder(dirname(name))
  return file
}

// Makes created and renamed names durable.
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

/** Writes all bytes to the end of the file. */
export const writeWhole = async (file: FileHandle, bytes: Buffer): Promise<void> => {
  for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done)).bytesWritten
}
