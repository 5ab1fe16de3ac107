// Loaded into every Node process of a profiled system by NODE_OPTIONS. SIGUSR2 begins a CPU profile, and the
// next one ends it and writes it to PROFILE_FOLDER under the id of the process. No port is opened.
import { renameSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { join } from 'node:path'

const folder = process.env.PROFILE_FOLDER
const session = new Session()
let isOn = false

const begin = () => {
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.setSamplingInterval', { interval: 500 })
  session.post('Profiler.start')
}

const end = () =>
  session.post('Profiler.stop', (error, answer) => {
    const file = join(folder, `${process.pid}.cpuprofile`)
    writeFileSync(`${file}.new`, error ? '{}' : JSON.stringify(answer.profile))
    renameSync(`${file}.new`, file)
    session.disconnect()
  })

process.on('SIGUSR2', () => {
  if (isOn) end()
  else begin()
  isOn = !isOn
})
