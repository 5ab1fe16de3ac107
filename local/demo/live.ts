/** A line that shows how things stand, again and again. */
export type Live = {
  /** Writes what is worth keeping. */
  say(text: string): void
  /** Shows how things stand now, and from then on. */
  show(line: () => string): void
  /** Shows it once more and leaves it there. */
  end(): void
}

type Screen = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>

const redrawMs = 150
const repeatMs = 3_000

/** Redraws one line in place on a terminal; elsewhere writes a new line every few seconds. */
export const liveOn = (screen: Screen): Live => {
  let current: (() => string) | undefined
  let timer: NodeJS.Timeout | undefined
  const erase = () => screen.isTTY && current && screen.write('\r\x1b[2K')
  const draw = () => {
    const line = current?.() ?? ''
    if (screen.isTTY) screen.write(`\r\x1b[2K${line.slice(0, (screen.columns || 80) - 1)}`)
    else screen.write(`${line}\n`)
  }
  return {
    say: text => {
      erase()
      screen.write(`${text}\n`)
      if (screen.isTTY && current) draw()
    },
    show: line => {
      clearInterval(timer)
      current = line
      draw()
      timer = setInterval(draw, screen.isTTY ? redrawMs : repeatMs)
      timer.unref()
    },
    end: () => {
      clearInterval(timer)
      if (!current) return
      draw()
      if (screen.isTTY) screen.write('\n')
      current = undefined
    },
  }
}
