/**
 * What a call to a provider costs in CPU, for the caller and for the server: our gateway and plain node:http
 * (no deadline shared, no schema), against a server that only answers and against the simulated payment
 * provider. `node dist/bench/parts/calls.js [calls]`; one line of JSON per case, times in microseconds a
 * call. Linux only.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cpuBetween, cpuOf } from '../../harness/cpu.ts'
import { freePort } from '../../local/bring-up/ports.ts'
import { waitUntil } from '../../local/supervision/wait.ts'
import { type Charge, httpPaymentProvider } from '../../services/payment/provider.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'

type Caller = { charge(call: Charge): Promise<{ outcome: string }>; close(): void }

const timeoutMs = 10_000
const warmUp = 5_000

const callers: Record<string, (url: string) => Caller> = {
  gateway: url => httpPaymentProvider({ url, timeoutMs, clock: systemClock }),
  'node:http': url => plainCaller(`${url}/charges`),
}

/** As cheap as node:http gets: no URL per call, few listeners, one timer. */
const plainCaller = (url: string): Caller => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 256, scheduling: 'lifo' })
  const { hostname, port, pathname: path } = new URL(url)
  const ask = (body: string, answer: (text: string) => void, fail: (error: Error) => void) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const request = http.request({ hostname, port, path, agent, method: 'POST', headers })
    const cancel = systemClock.after(timeoutMs, () => request.destroy())
    request.once('error', fail)
    request.once('response', response => {
      let text = ''
      response.setEncoding('utf8').on('data', some => (text += some))
      response.once('end', () => {
        cancel()
        answer(text)
      })
    })
    request.end(body)
  }
  const charge = (call: Charge) =>
    new Promise<{ outcome: string }>((resolve, reject) =>
      ask(JSON.stringify(call), text => resolve(JSON.parse(text)), reject),
    )
  return { charge, close: () => agent.destroy() }
}

/** Only reads and answers. Runs in a process of its own. */
const serveOnlyAnswers = (port: number) => {
  const server = http.createServer((request, response) => {
    request.resume()
    request.once('end', () => response.end('{"outcome":"captured"}'))
  })
  server.keepAliveTimeout = 75_000
  server.listen(port, '127.0.0.1')
}

const here = fileURLToPath(import.meta.url)
const simulated = fileURLToPath(new URL('../../local/providers/payment-provider.js', import.meta.url))

const servers: Record<string, (port: number, folder: string) => ChildProcess> = {
  'only answers': port => spawn(process.execPath, [here, '--serve', String(port)], { stdio: 'ignore' }),
  simulated: (port, folder) =>
    spawn(process.execPath, [simulated, '--port', String(port), '--data', folder], { stdio: 'ignore' }),
}

let made = 0

const call = async (caller: Caller) => {
  const orderId = `01J8ZQ4V7Y6T5R4E3W2Q${String(made++).padStart(6, '0')}`
  const charge = { key: `${orderId}:charge`, orderId, amount: 2_500, token: 'tok_approve' }
  const { outcome } = await caller.charge(charge)
  if (outcome !== 'captured') throw new Error(`answered ${outcome}`)
}

const callMany = async (caller: Caller, calls: number, concurrent: number) => {
  let left = calls
  const one = async () => {
    while (left-- > 0) await call(caller)
  }
  await Promise.all(Array.from({ length: concurrent }, one))
}

const measure = async (caller: Caller, server: ChildProcess, calls: number, concurrent: number) => {
  const run = [
    { name: 'caller', pid: process.pid },
    { name: 'server', pid: server.pid ?? null },
  ]
  await callMany(caller, warmUp, concurrent)
  const [before, began] = [cpuOf(run), performance.now()]
  await callMany(caller, calls, concurrent)
  const seconds = (performance.now() - began) / 1_000
  const cpu = cpuBetween(before, cpuOf(run)).map(([name, spent]) => [name, Math.round((spent * 1e6) / calls)])
  return { ...Object.fromEntries(cpu), callsPerSecond: Math.round(calls / seconds) }
}

const measureCase = async (by: string, to: string, concurrent: number, calls: number) => {
  const folder = mkdtempSync(join(tmpdir(), 'choreo-calls-'))
  const port = await freePort()
  const server = servers[to]?.(port, folder)
  const caller = callers[by]?.(`http://127.0.0.1:${port}`)
  if (!server || !caller) throw new RangeError(`${by}, ${to}`)
  try {
    const answers = () => call(caller).then(() => true)
    await waitUntil('the server', () => answers().catch(() => false), { deadlineMs: 20_000 })
    const figures = await measure(caller, server, calls, concurrent)
    process.stdout.write(`${JSON.stringify({ by, to, concurrent, ...figures })}\n`)
  } finally {
    caller.close()
    server.kill()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

const [first, second] = process.argv.slice(2)
if (first === '--serve') serveOnlyAnswers(Number(second))
else
  for (const to of Object.keys(servers))
    for (const concurrent of [8, 64, 256])
      for (const by of Object.keys(callers)) await measureCase(by, to, concurrent, Number(first ?? 20_000))
