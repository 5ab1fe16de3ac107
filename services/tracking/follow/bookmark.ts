import { reportOf } from '../../../shared/runtime/error-report.ts'
import { logFailure } from '../../../shared/runtime/telemetry/failure-log.ts'
import type { Log } from '../../../shared/runtime/telemetry/log.ts'
import type { Clock } from '../../../shared/runtime/time/clock.ts'
import type { Progress } from './progress.ts'

/** Puts the place in the journal on record, seldom: what is read again after a crash changes nothing. */
export type Bookmark = {
  /**
   * Everything up to here is applied. It goes on record within half a second, together with what follows
   * until then.
   */
  move(to: Progress | undefined): void
  /** True when the last place is on record. */
  readonly onRecord: boolean
  /** Puts the last place on record, if the store takes it. Never rejects. */
  close(): Promise<void>
}

const pauseMs = 500

type Keeping = { readonly clock: Clock; readonly log: Log; readonly generation: number }

/** Writes with `put`; when it fails, which is logged once, it tries again until it succeeds. */
export const keepBookmark = (
  { clock, log, generation }: Keeping,
  put: (to: Progress | undefined) => Promise<void>,
): Bookmark => {
  let place: Progress | undefined
  let onRecord = true
  let failed = false
  let writing: Promise<void> | undefined
  let cancel: (() => void) | undefined
  const write = async () => {
    const to = place
    try {
      await put(to)
      failed = false
      onRecord = to === place
    } catch (error) {
      if (!failed)
        logFailure(log, 'the place in the journal is not on record yet', reportOf(error), { generation })
      failed = true
    }
  }
  const later = () => {
    cancel = clock.after(pauseMs, () => {
      writing = write().then(() => {
        cancel = undefined
        if (!onRecord) later()
      })
    })
  }
  return {
    move: to => {
      place = to
      onRecord = false
      if (!cancel) later()
    },
    get onRecord() {
      return onRecord
    },
    close: async () => {
      cancel?.()
      await writing
      cancel?.()
      if (!onRecord) await write()
    },
  }
}
