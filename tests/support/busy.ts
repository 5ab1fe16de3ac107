/** Holds the event loop for `ms`, as work does that takes that long: no timer runs and no socket is read. */
export const busyFor = (ms: number): void => {
  const until = performance.now() + ms
  while (performance.now() < until);
}
