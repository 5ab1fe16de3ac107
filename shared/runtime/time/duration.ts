const msPerUnit = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** A span of time as people write it: `250ms`, `30s`, `10m`, `2h` or `7d`. */
export type Duration = `${number}${keyof typeof msPerUnit}`

/** The milliseconds of a text that is a duration; undefined for any other. */
export const parseDuration = (text: string): number | undefined => {
  const [, number, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? []
  return number === undefined ? undefined : Number(number) * msPerUnit[unit as keyof typeof msPerUnit]
}

/** The milliseconds of a duration. */
export const msOf = (duration: Duration): number => parseDuration(duration) ?? 0
