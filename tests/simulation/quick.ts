import { seededRandom } from '../given/seeded-random.ts'
import { play } from './run.ts'
import { drawScenario } from './scenario.ts'
import { pct, taped, uniform } from './strategies.ts'

const [from = 0, count = 100] = process.argv.slice(2).map(Number)
const sometimes = new Map<string, number>()
let steps = 0,
  bad = 0,
  max = 0
const kinds = new Map<string, { n: number; seed: number; steps: number }>()
for (let seed = from; seed < from + count; seed++) {
  const scenario = drawScenario(seed)
  const r = await play(
    scenario,
    seed % 3 === 2 ? pct(seededRandom(seed + 1), 3) : uniform(seededRandom(seed + 1)),
    { sometimes },
  )
  steps += r.steps
  max = Math.max(max, r.steps)
  if (r.violation) {
    bad++
    const key = r.violation.message
      .replace(/ord_\w+/g, 'X')
      .split('\n')
      .slice(0, 3)
      .join(' ')
    const k = kinds.get(key) ?? { n: 0, seed, steps: r.steps }
    k.n++
    if (r.steps < k.steps) {
      k.seed = seed
      k.steps = r.steps
    }
    kinds.set(key, k)
  }
  if (count === 1) {
    const again = await play(scenario, taped(r.tape), { record: true })
    console.log(JSON.stringify(scenario))
    console.log(again.trace.join('\n'))
    console.log(again.violation?.stack, r.hash === again.hash)
  }
}
const u = process.cpuUsage()
const s = (u.user + u.system) / 1e6
console.log(
  `${count} schedules, ${bad} bad, ${(count / s).toFixed(0)}/s, ${(steps / count).toFixed(0)} steps avg, max ${max}`,
)
for (const [k, v] of [...kinds].sort((a, b) => b[1].n - a[1].n))
  console.log(v.n, 'seed', v.seed, 'steps', v.steps, k)
if (process.argv[4]) for (const [k, v] of [...sometimes].sort()) console.log(v, k)
