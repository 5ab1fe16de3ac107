/** A promise that a test settles when it wants to. */
export type Deferred<T> = { promise: Promise<T>; resolve(value: T): void }

/** A promise that is open until `resolve` is called. */
export const deferred = <T = void>(): Deferred<T> => {
  let settle: (value: T) => void = () => {}
  const promise = new Promise<T>(resolve => {
    settle = resolve
  })
  return { promise, resolve: value => settle(value) }
}
