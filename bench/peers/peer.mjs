// What every peer is to the bench: a process that is told what to do in its only argument (JSON), says
// `ready` once it is warm, runs when its standard input says so, says what it found, and ends with its
// standard input.
import { createInterface } from 'node:readline'

/**
 * @typedef {{ seconds: number, warmSeconds: number, url: string, build: string }} Told
 * @typedef {{ orders: number, confirmed: number, rejected: number, seconds: number, took: number[] }} Found
 */

const say = line => process.stdout.write(`${JSON.stringify(line)}\n`)

/**
 * Runs a peer: `open` makes it from what was told and `orderOf`, and answers how it runs for so many seconds
 * until everything has ended.
 * @param {(told: Told, orderOf: (n: number) => object) => Promise<{ run(seconds: number): Promise<Found>,
 * close(): Promise<void> }>} open
 */
export const peer = async open => {
  const told = JSON.parse(process.argv[2] ?? '{}')
  const { workloadOf } = await import(`${told.build}/bench/workloads.js`)
  const one = await open(told, n => workloadOf('order').order(n).body)
  await one.run(told.warmSeconds)
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
  say({ ready: true })
  if (!(await lines.next()).done) say(await one.run(told.seconds))
  await lines.next()
  await one.close()
  process.exit(0)
}

/** Keeps what has ended, and how long each took. */
export const tally = () => {
  const took = []
  const ends = { confirmed: 0, rejected: 0 }
  return {
    took,
    ends,
    ended: (how, since) => {
      ends[how] += 1
      took.push(performance.now() - since)
    },
  }
}
