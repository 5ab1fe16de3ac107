/**
 * Keeps the work under one key in sequence and lets different keys run side by side. `runAlone` waits until
 * nothing else runs and holds everything else back meanwhile: for what may take the process down with it.
 */
export type PerSubjectQueue = {
  run<T>(key: string, work: () => Promise<T>): Promise<T>
  runAlone<T>(work: () => Promise<T>): Promise<T>
}

export const perSubjectQueue = (): PerSubjectQueue => {
  const tails = new Map<string, Promise<unknown>>()
  let barrier: Promise<unknown> = Promise.resolve()

  const run = <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const before = Promise.all([tails.get(key), barrier])
    const result = before.then(work)
    const tail = result.then(ignore, ignore).then(() => {
      if (tails.get(key) === tail) tails.delete(key)
    })
    tails.set(key, tail)
    return result
  }
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const result = Promise.all([barrier, ...tails.values()]).then(work)
    barrier = result.then(ignore, ignore)
    return result
  }
  return { run, runAlone: alone }
}

const ignore = () => undefined
