import { runPrivately } from '../../local/run-privately.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { bookTrips, outside, servicesWith } from './run.ts'

const { kept, provider } = outside(systemClock)
process.exit(await runPrivately(servicesWith(provider), bookTrips(kept)))
