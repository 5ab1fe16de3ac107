import { mutants } from './mutants.ts'
import { mutated } from './mutate.ts'
import { runWorker } from './workers.ts'

const [only = '', count = '1500', seconds = '40'] = process.argv.slice(2)
const list = mutants.filter(m => only === '' || only.split(',').includes(m.name))
const one = async () => {
  for (;;) {
    const m = list.shift()
    if (!m) return
    try {
      const { folder, remove } = mutated(m)
      let line = 'SURVIVED'
      const end = await runWorker({ folder, from: 1, step: 1, count: Number(count), seconds: Number(seconds), stopAtFirst: true }, r => {
        if (r.kind === 'found') line = `killed at ${r.nth}, ${r.found?.deviations} dev, ${r.found?.violation.slice(0, 110)}`
      })
      console.log(m.name.padEnd(32), end.schedules, line, m.tolerated ? '(tolerated)' : '')
      remove()
    } catch (e) { console.log(m.name, String(e)) }
  }
}
await Promise.all([one(), one()])
