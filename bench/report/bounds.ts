/** What keeps the rates from being better, as far as it was found out; each with what to run to see it. */
export const bounds = `- **CPU an order at a low rate is the price of waking processes.** \`node dist/bench/parts/wakeups.js\`: 800 bytes to another process and back cost
  26 to 32 µs CPU when the next round trip follows at once, and 310 to 420 µs when both processes sleep for 5 to 20 ms in between (2 virtual CPUs).
  At 20 orders a second an order is 6 messages published and 12 delivered, each with a confirm or an acknowledgement, besides its writes and two
  provider calls, and nearly each of them wakes a process that sleeps. Under load they share messages and writes, and an order takes a tenth of that.
  All services in one process (\`CHOREO_PROCESS=one\`) take about a third less at 20/s. Two processes for the five services take a fifth less
  there, and no less at saturation.
- **At saturation no part stands out.** \`npm run profile\`: in each service the largest shares are Node itself (19 to 33 %: sockets, HTTP, streams),
  garbage collection (4 to 11 %), the driver and BSON (14 to 21 %) and the rules with their documents (20 to 30 %); no function takes 6 % besides
  garbage collection and system calls. Half of what BullMQ ends would be 2.2 ms CPU an order on these CPUs, all servers counted.
- **At 100 orders a second both CPUs are full**, because little is shared yet: that is where waiting for a CPU shows in the 99th percentile.
- Tried, and not kept, for they brought nothing that could be measured: gathering company for 4 or 10 ms before a write, several writes under way
  at once on one connection, UNIX sockets instead of TCP (a round trip costs the same when processes sleep), a young generation of 64 MB instead
  of 32, a pool of connections per provider, less of RabbitMQ's own statistics.`
