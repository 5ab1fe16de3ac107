/**
 * The answers to the deliveries of one channel. An acknowledgement of several covers everything before it, so
 * it goes only as far as no delivery without an answer is in between.
 */
export type Acks = {
  delivered(tag: number): void
  /** False when it already has an answer: each delivery gets one. */
  acked(tag: number): boolean
  /** As `acked`, for one that was sent back: it has its answer and needs no acknowledgement. */
  returned(tag: number): boolean
  /** How many acknowledgements one for several would send now. */
  readonly ready: number
  /** How many acknowledgements wait behind a delivery without an answer. */
  readonly behind: number
  /** The tag to acknowledge together with all before it, if any; it counts as sent. */
  takeReady(): number | undefined
  /** The tags behind a delivery without an answer, to be acknowledged one by one; they count as sent. */
  takeBehind(): number[]
}

type Answer = 'none' | 'acked' | 'returned'

export const acks = (): Acks => {
  // In the order of delivery, from the first one without an answer on.
  const answers = new Map<number, Answer>()
  let [ready, behind]: [number, number] = [0, 0]
  let last: number | undefined

  const answer = (tag: number, given: Answer): boolean => {
    if (answers.get(tag) !== 'none') return false
    answers.set(tag, given)
    if (given === 'acked') behind += 1
    advance()
    return true
  }
  const advance = () => {
    for (const [tag, given] of answers) {
      if (given === 'none') return
      answers.delete(tag)
      // The broker knows a returned tag no more: naming it would acknowledge everything and then fail.
      if (given === 'acked') [last, ready, behind] = [tag, ready + 1, behind - 1]
    }
  }
  const takeReady = () => {
    const tag = last
    ;[last, ready] = [undefined, 0]
    return tag
  }
  const takeBehind = () => {
    const tags = [...answers].flatMap(([tag, given]) => (given === 'acked' ? [tag] : []))
    for (const tag of tags) answers.delete(tag)
    behind = 0
    return tags
  }
  return {
    delivered: tag => answers.set(tag, 'none'),
    acked: tag => answer(tag, 'acked'),
    returned: tag => answer(tag, 'returned'),
    ...{ takeReady, takeBehind },
    get ready() {
      return ready
    },
    get behind() {
      return behind
    },
  }
}
